// A verifier that is stopped waits for nobody: neither for pods nor for the API server.
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { systemClock } from '../../../reconciler/runtime/clock.ts';
import { apiServerExchange } from '../../../reconciler/verification/exchange-api-server.ts';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { keyReader } from '../../../reconciler/verification/read-key.ts';
import { Verifier } from '../../../reconciler/verification/verifier.ts';
import { clientOf, wireServer } from '../../kubernetes/wire-server.ts';

/** Longer than a test may take. */
const NEVER_SECONDS = 600;
const POD = { namespace: 'ns', name: 'demo-1', uid: 'uid-1', ip: '127.0.0.1', restarts: 0 };

it.each<[string, 'direct' | 'api-server', boolean]>([
  ['a pod that takes a connection and never answers', 'direct', false],
  ['an API server that never answers for a pod', 'api-server', false],
  ['an API server that never gives the credentials a handshake needs', 'direct', true],
])('stopping ends a handshake with %s', async (_name, way, withCredentials) => {
  const silent = await wireServer(() => undefined);
  const client = clientOf(silent, { requestTimeoutMs: NEVER_SECONDS * 1000 });
  const port = Number(new URL(silent.url).port);
  const verifier = new Verifier({
    exchangeFor: (pod) => (way === 'direct' ? directExchange({ ...pod, port }) : apiServerExchange(client, { ...pod, port })),
    readKey: keyReader(client), clock: systemClock, random: () => 0.5, onChange: () => undefined, log: pino({ level: 'silent' }),
  });
  verifier.follow('ns/demo', {
    pods: [{ ...POD, port }], path: '/mcp', host: 'demo.ns.svc', intervalSeconds: NEVER_SECONDS, timeoutSeconds: NEVER_SECONDS, verifiedBefore: false,
    guard: { tls: undefined, ...(withCredentials && { credentialsSecretRef: { name: 'token', key: 'header' } }) },
  });
  for (let tries = 0; silent.requests.length === 0 && tries < 1000; tries += 1) await sleep(20);
  expect(silent.requests).toHaveLength(1);
  await verifier.stop();
  expect(silent.requests).toHaveLength(1);
});
