// A fleet at rest costs nothing, also where somebody refuses or contests what the operator writes. The second case goes on where the
// first ended.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { webhook, type Refuser } from '../support/admission.ts';
import { auditEvents, eventually, type AuditEvent } from '../support/cluster.ts';
import { writesBy } from '../support/operator.ts';
import { contestOverlay } from './rival.ts';
import { useScene } from './scene.ts';

const scene = useScene('steady');
const NAMES = ['one', 'two', 'idle', 'unverified', 'stdio', 'refused', 'mistaken', 'hooked', 'contested'];
/** What the API server, or a webhook, refuses whenever it is tried. */
const REFUSED = ['mistaken', 'hooked'];
/** MCPServers whose pods are asked; one of them has two pods. */
const VERIFIED = 2;

/** Handshakes a pod was asked for so far: each begins with the modern era's question. */
function asked(): number {
  return scene.server.requests.filter((request) => request.headers['mcp-method'] === 'server/discover').length;
}

const cleanUp: { refuser?: Refuser; writer: AbortController } = { writer: new AbortController() };
afterAll(async () => {
  cleanUp.writer.abort();
  await cleanUp.refuser?.remove();
});

/** Writes that changed something or could have, apart from new attempts at what is refused or contested. */
function inEarnest(writes: readonly AuditEvent[]): AuditEvent[] {
  return writes.filter(({ objectRef, responseStatus }) => {
    const isRetry = REFUSED.includes(objectRef?.name ?? '') && objectRef?.resource === 'deployments' && (responseStatus?.code ?? 0) >= 400;
    return !isRetry && objectRef?.name !== 'contested';
  });
}

/** Each attempt counts up the generation of the Deployment, which its controller has not observed for a moment. */
function fought(writes: readonly AuditEvent[]): number {
  return writes.filter(({ objectRef }) => objectRef?.name === 'contested').length;
}

test('sixty seconds without a change, handshakes going on, cost no write', async () => {
  const { fleet } = scene;
  await fleet.create('one', { replicas: 2, config: { A: '1' }, verification: { intervalSeconds: 10 } });
  await fleet.create('two', { transport: 'http', port: 3001, env: [{ name: 'X', value: '1' }], verification: { intervalSeconds: 10 } });
  await fleet.create('idle', { replicas: 0 });
  await fleet.create('unverified', { verification: { mode: 'Off' } });
  await fleet.create('stdio', { transport: 'stdio', command: ['server'], verification: { intervalSeconds: 10 } });
  await fleet.client.create(SERVICES, { metadata: fleet.ref('refused'), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.create('refused');
  const target = { namespace: scene.namespace, servers: ['hooked'], apiGroup: 'apps', resource: 'deployments', operations: ['CREATE'] } as const;
  cleanUp.refuser = await webhook(fleet.client, target, () => ({ code: 403, message: `no, not at ${new Date().toISOString()}` }));
  await fleet.create('mistaken', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] });
  await fleet.create('hooked');
  await fleet.create('contested', { scaling: 'External' });
  for (const name of [...NAMES.slice(0, 5), 'contested']) await fleet.ready(name);
  void contestOverlay(fleet, 'contested', cleanUp.writer.signal);
  for (const name of NAMES.slice(5)) await fleet.until(name, 'Stalled', ['True']);
  // The Deployment controller has its last words a moment after the pods are ready.
  await sleep(2000);
  const [before, askedBefore] = [await writesBy(scene.operator.userAgent), asked()];
  await sleep(60_000);
  expect(before.length).toBeGreaterThan(NAMES.length);
  const after = await writesBy(scene.operator.userAgent);
  expect(inEarnest(after)).toEqual(inEarnest(before));
  expect(after.length - before.length).toBeLessThan(60);
  expect(fought(after) - fought(before)).toBeLessThanOrEqual(4 * 3);
  expect(asked() - askedBefore).toBeGreaterThan(VERIFIED);
  // Nor did anything before: creating, verifying, refusing and contesting are all explained.
  expect(await scene.operator.scrape()).toMatch(/^mcp_operator_writes_total\{cause="None"\} 0$/m);
}, 240_000);

test('a restart of the operator costs no write', async () => {
  cleanUp.writer.abort();
  await scene.fleet.ready('contested');
  const askedBefore = asked();
  const statuses = (): Promise<unknown[]> => Promise.all(NAMES.map(async (name) => (await scene.fleet.read(name)).status));
  const before = await statuses();
  await scene.restart();
  const { userAgent } = scene.operator;
  await eventually(() => expect(asked() - askedBefore).toBeGreaterThanOrEqual(VERIFIED + 1));
  // The refused one is looked up by GET in every reconcile: having seen that, every MCPServer had its turn.
  await eventually(async () =>
    expect((await auditEvents((event) => event.userAgent === userAgent && event.verb === 'get')).length).toBeGreaterThan(0),
  );
  await sleep(3000);
  const written = await writesBy(userAgent);
  expect(inEarnest(written)).toEqual([]);
  expect(written.filter(({ objectRef }) => objectRef?.name === 'contested')).toEqual([]);
  expect(await statuses()).toEqual(before);
  expect(scene.operator.errors).toEqual([]);
});
