// Two operators that both serve the same MCPServers, as selectors that overlap have it: no fight, and nothing is written at rest. And two
// of one namespace each, which do not know each other.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditEvents, eventually, isWrite, useNamespace, type AuditEvent } from '../support/cluster.ts';
import { onLoopback, startOperator, writesAtRest, writesBy, type TestOperator } from '../support/operator.ts';
import { runPods, type PodRunner } from '../support/pods.ts';
import { converged } from './converged.ts';
import { Fleet, useScene } from './scene.ts';

const scene = useScene('overlap', { operator: { labelSelector: 'team=blue' } });
const elsewhere = useNamespace('beside');
const started: { both?: TestOperator; beside?: TestOperator; pods?: PodRunner } = {};

beforeAll(async () => {
  const exchangeFor = onLoopback(scene.server.port);
  started.pods = await runPods(scene.fleet.client, elsewhere);
  started.both = await startOperator({ namespace: scene.namespace, labelSelector: 'env=test', exchangeFor });
  started.beside = await startOperator({ namespace: elsewhere, exchangeFor });
});
afterAll(async () => {
  await Promise.all([started.both?.stop(), started.beside?.stop(), started.pods?.stop()]);
});

/** What both wrote, refusals aside. */
async function inEarnest(): Promise<AuditEvent[]> {
  const writes = await Promise.all(agents().map((agent) => writesBy(agent)));
  return writes.flat().filter(({ responseStatus }) => (responseStatus?.code ?? 0) < 400);
}

/** Where an operator wrote. */
async function written(operator: TestOperator | undefined): Promise<(string | undefined)[]> {
  const writes = await auditEvents((event) => event.userAgent === operator?.userAgent && isWrite(event));
  return [...new Set(writes.map(({ objectRef }) => objectRef?.namespace))];
}

const agents = (): string[] => [scene.operator, started.both].map((operator) => operator?.userAgent ?? '');

test('what two operators both serve becomes Ready, follows its spec, and at rest costs no write', async () => {
  const { fleet } = scene;
  const labels = { team: 'blue', env: 'test' };
  await fleet.create('shared', { replicas: 2, config: { A: '1' }, verification: { intervalSeconds: 10 } }, labels);
  await fleet.create('mistaken', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] }, labels);
  await fleet.ready('shared');
  await fleet.until('mistaken', 'Stalled', ['True']);
  await fleet.edit('shared', { image: 'example.com/server:2', config: { A: '2' } });
  await converged(fleet, 'shared');
  await fleet.ready('shared');
  for (const agent of agents()) await writesAtRest(agent);
  const before = [await fleet.read('shared'), await fleet.children('shared'), await inEarnest()];
  await sleep(25_000);
  expect([await fleet.read('shared'), await fleet.children('shared'), await inEarnest()]).toEqual(before);
}, 180_000);

test('two operators with a namespace each write nothing in that of the other', async () => {
  const [here, there] = [scene.fleet, new Fleet(scene.fleet.client, elsewhere)];
  const labels = { team: 'blue' };
  await Promise.all([here.create('same-name', {}, labels), there.create('same-name', {}, labels)]);
  await Promise.all([here.ready('same-name'), there.ready('same-name')]);
  await Promise.all([here.edit('same-name', { port: 9090 }), there.edit('same-name', { port: 9091 })]);
  await Promise.all([converged(here, 'same-name'), converged(there, 'same-name')]);
  // The API server writes its log a little later.
  await eventually(async () => expect(await written(started.beside)).not.toEqual([]));
  for (const operator of [scene.operator, started.beside]) await writesAtRest(operator?.userAgent ?? '');
  expect([await written(scene.operator), await written(started.beside)]).toEqual([[scene.namespace], [elsewhere]]);
});
