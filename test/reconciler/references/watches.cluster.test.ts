// What the watches of referenced objects ask for, what they get, and when they end.
// The cases follow on each other: the same watches, from their begin to their end.
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, inject, test } from 'vitest';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect as connectTo } from '../../../kubernetes/connect.ts';
import { CONFIG_MAPS, SECRETS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { Watches } from '../../../reconciler/references/watches.ts';
import { systemClock } from '../../../reconciler/runtime/clock.ts';
import { createLogger } from '../../../reconciler/runtime/log.ts';
import { auditEvents, connect, eventually, kubectl, uniqueName, useNamespace } from '../../support/cluster.ts';

const namespace = useNamespace('watches');
const VALUE = 'bm9ib2R5LW1heS1zZWUtdGhpcw==';
const SECRET = { kind: 'Secret', name: 'guarded', keys: 'all' } as const;
const CONFIG_MAP = { kind: 'ConfigMap', name: 'open', keys: ['greeting'] } as const;
const userAgent = uniqueName('watches');
const received: Buffer[] = [];
const changes: string[] = [];
let admin: KubernetesClient;
let watches: Watches;

beforeAll(async () => {
  admin = await connect();
  // Everything that comes over the wire is kept.
  const client = new KubernetesClient(await connectTo({ kubeconfig: inject('kubeconfig'), env: {} }), {
    userAgent,
    request: (options, onResponse) => https.request(options, (response) => {
      const push = response.push.bind(response);
      response.push = (chunk: Buffer | null) => {
        if (chunk !== null) received.push(chunk);
        return push(chunk);
      };
      onResponse(response);
    }),
  });
  watches = new Watches({ client, clock: systemClock, log: createLogger({ level: 'silent' }), onChange: (key) => changes.push(key) });
  return async () => {
    await watches.stop();
    client.close();
    admin.close();
  };
});
afterEach(() => {
  changes.splice(0);
});

function states(): unknown {
  return JSON.stringify(
    [SECRET, CONFIG_MAP].map((object) => watches.observed(`${namespace}/one`, object)),
    (_, each: unknown) => (each instanceof Map ? [...(each as Map<string, string>)] : each),
  );
}

test('a Secret that comes, changes and goes is told to each MCPServer that names it, and no byte of its value is sent', async () => {
  watches.follow(`${namespace}/one`, [SECRET, CONFIG_MAP]);
  watches.follow(`${namespace}/two`, [SECRET]);
  expect(watches.counts).toEqual({ objects: 2, namespaces: 1, names: 1, inTurns: 0 });
  await eventually(() => expect(watches.observed(`${namespace}/two`, SECRET).state).toBe('Absent'));
  changes.splice(0);
  await admin.create(SECRETS, { metadata: { name: 'guarded', namespace }, data: { token: VALUE } } as KubernetesObject);
  await eventually(() => expect(watches.observed(`${namespace}/two`, SECRET).state).toBe('Present'));
  expect(new Set(changes)).toEqual(new Set([`${namespace}/one`, `${namespace}/two`]));
  const before = states();
  await sleep(1100);
  await admin.patch(SECRETS, { name: 'guarded', namespace }, { data: { token: `${VALUE.slice(0, -4)}eA==` } });
  await eventually(() => expect(states()).not.toBe(before));
  await admin.delete(SECRETS, { name: 'guarded', namespace });
  await eventually(() => expect(watches.observed(`${namespace}/two`, SECRET).state).toBe('Absent'));
  const wire = Buffer.concat(received).toString();
  expect(wire).toContain('"f:token"');
  expect(wire).not.toContain(VALUE.slice(0, 12));
});

test('what kubectl notes in an annotation, and what a ConfigMap holds, is not kept', async () => {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'guarded', namespace }, data: { token: VALUE } };
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'open', namespace }, data: { greeting: 'a-long-greeting' } };
  for (const object of [secret, configMap]) {
    expect(await kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) })).toMatchObject({ code: 0 });
  }
  await eventually(() => expect(states()).toMatch(/"state":"Present".*"state":"Present"/));
  expect(Buffer.concat(received).toString()).toContain(VALUE);
  expect(states()).not.toContain(VALUE);
  expect(states()).not.toContain('a-long-greeting');
});

/** The audit log notes a watch when it begins and when it ends. */
async function noted(): Promise<number> {
  return (await auditEvents((event) => event.userAgent === userAgent && event.verb === 'watch' && event.objectRef?.resource === 'secrets')).length;
}

test('a watch ends when the last MCPServer lets go of its object', async () => {
  const before = await noted();
  watches.follow(`${namespace}/one`, []);
  expect(watches.counts).toMatchObject({ objects: 1, namespaces: 0, names: 1 });
  watches.follow(`${namespace}/two`, []);
  expect(watches.counts).toEqual({ objects: 0, namespaces: 0, names: 0, inTurns: 0 });
  await admin.patch(CONFIG_MAPS, { name: 'open', namespace }, { data: { greeting: 'other' } });
  await eventually(async () => expect(await noted()).toBeGreaterThan(before));
  expect(changes).toEqual([]);
});
