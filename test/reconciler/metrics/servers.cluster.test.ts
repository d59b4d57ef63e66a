// The metrics of MCPServers and of what is written for them, beside their status and the audit log.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { DEPLOYMENTS } from '../../../kubernetes/objects.ts';
import { eventually } from '../../support/cluster.ts';
import { writesBy } from '../../support/operator.ts';
import { samplesOf, type Scraped } from '../../support/scraped.ts';
import { useScene } from '../scene.ts';

const scene = useScene('metrics');

async function samples(name: string, labels: Readonly<Record<string, string>> = {}): Promise<Scraped[]> {
  const all = samplesOf(await scene.operator.scrape()).filter((sample) => sample.name === `mcp_operator_${name}`);
  return all.filter((sample) => Object.entries(labels).every(([label, value]) => sample.labels[label] === value));
}

async function total(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await samples(name, labels)).reduce((sum, { value }) => sum + value, 0);
}

test('an MCPServer is shown as its status says, with its last handshake and what its server calls itself', async () => {
  await eventually(async () => expect(await samples('servers')).toHaveLength(3));
  await scene.fleet.create('one', { replicas: 2 });
  const { status } = await scene.fleet.ready('one');
  const ofOne = { namespace: scene.namespace, name: 'one' };
  await eventually(async () => expect(await total('server_condition', { ...ofOne, type: 'Ready' })).toBe(1));
  const shown = (await samples('server_condition', ofOne)).map(({ labels, value }) => [labels['type'], value]);
  const VALUES = { True: 1, False: 0, Unknown: -1 };
  expect(shown).toEqual(status?.conditions?.map((condition) => [condition.type, VALUES[condition.status]]));
  expect([await total('server_wanted_replicas', ofOne), await total('server_ready_replicas', ofOne)]).toEqual([2, 2]);
  const info = (await samples('server_info', ofOne)).map(({ labels }) => labels);
  expect(info).toEqual([{ ...ofOne, server_name: status?.server?.name, server_version: status?.server?.version }]);
  const at = await total('server_last_passed_handshake_timestamp_seconds', ofOne);
  expect(Math.abs(Date.now() / 1000 - at)).toBeLessThan(120);
  expect(await samples('server_handshake_latency_seconds', ofOne)).toHaveLength(1);
  expect(await total('handshakes_total', { outcome: 'Passed', reason: 'Verified' })).toBeGreaterThanOrEqual(2);
  expect(await total('handshake_duration_seconds_count', { reason: 'Verified' })).toBeGreaterThanOrEqual(2);
  expect((await samples('servers')).map(({ labels, value }) => `${labels['ready']} ${value}`)).toEqual(['True 1', 'False 0', 'Unknown 0']);
});

test('every write is counted once, and explained: by the new spec, by what pods do, by what they answer', async () => {
  await sleep(2000);
  const writes = await writesBy(scene.operator.userAgent);
  const inEarnest = writes.filter(({ objectRef }) => objectRef?.resource !== 'events');
  expect(await total('writes_total')).toBe(inEarnest.length);
  expect(await total('writes_total', { cause: 'None' })).toBe(0);
  expect(await total('writes_total', { cause: 'Generation' })).toBeGreaterThanOrEqual(5);
  expect(await total('applies_total', { kind: 'Deployment', outcome: 'created' })).toBe(1);
  const ofStatus = inEarnest.filter(({ objectRef }) => objectRef?.subresource === 'status');
  expect(await total('applies_total', { kind: 'MCPServer', outcome: 'changed' })).toBe(ofStatus.length);
});

test('what is taken back after another writer is explained by the change of the object', async () => {
  const before = await total('writes_total', { cause: 'Object' });
  const changed = await total('applies_total', { kind: 'Deployment', outcome: 'changed' });
  await scene.fleet.client.patch(DEPLOYMENTS, scene.fleet.ref('one'), { spec: { replicas: 5 } });
  await eventually(async () => expect(await total('applies_total', { kind: 'Deployment', outcome: 'changed' })).toBe(changed + 1));
  expect(await total('writes_total', { cause: 'Object' })).toBeGreaterThan(before);
});

test('what the API server refuses is counted as refused, and is no write', async () => {
  const before = await total('writes_total', { cause: 'None' });
  await scene.fleet.create('mistaken', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] });
  await scene.fleet.until('mistaken', 'Stalled', ['True']);
  expect(await total('applies_total', { kind: 'Deployment', outcome: 'refused' })).toBeGreaterThanOrEqual(1);
  expect(await total('writes_total', { cause: 'None' })).toBe(before);
});

test('caches are counted, and say when they were last told something', async () => {
  expect(await total('cache_objects', { resource: 'mcpservers' })).toBe(2);
  expect(await total('cache_objects', { resource: 'deployments' })).toBe(1);
  const heard = await samples('watch_last_event_timestamp_seconds');
  expect(heard).toHaveLength(10);
  for (const { value } of heard) expect(Math.abs(Date.now() / 1000 - value)).toBeLessThan(180);
});

test('references are counted while MCPServers have them', async () => {
  await scene.fleet.create('referring', { replicas: 0, envFrom: [{ secretRef: { name: 'absent', optional: true } }] });
  await eventually(async () => expect(await total('references_followed')).toBe(1));
  await scene.fleet.remove('referring');
  await eventually(async () => expect(await total('references_followed')).toBe(0));
});

test('an MCPServer that is gone is gone from the metrics', async () => {
  await scene.fleet.remove('one');
  await scene.fleet.remove('mistaken');
  await eventually(async () => expect(await scene.operator.scrape()).not.toContain(`namespace="${scene.namespace}"`));
  expect(await total('servers')).toBe(0);
});
