// What the API server, or whoever it asks, refuses: told once, tried again rarely, and over as soon as it is let pass.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, EVENTS, POD_DISRUPTION_BUDGETS, SERVICES, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { brokenWebhook, policy, webhook, type Refuser, type Target } from '../../support/admission.ts';
import { auditEvents, eventually, isWrite, type AuditEvent } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { contestOverlay } from '../rival.ts';
import { useScene } from '../scene.ts';

const scene = useScene('refused');

function about(servers: readonly string[], more: Partial<Target> = {}): Target {
  return { namespace: scene.namespace, servers, apiGroup: 'apps', resource: 'deployments', operations: ['CREATE', 'UPDATE'], ...more };
}

/** Removed at the end, however the test ends. */
async function during<R extends Refuser>(refuser: Promise<R>): Promise<R> {
  const made = await refuser;
  onTestFinished(() => made.remove());
  return made;
}

function requestsOf(servers: readonly string[]): Promise<AuditEvent[]> {
  const { userAgent } = scene.operator;
  return auditEvents(
    (event) => event.userAgent === userAgent && isWrite(event) && servers.some((name) => event.objectRef?.name?.startsWith(name)),
  );
}

/** Text as of a server that says when, from where and under which number it was asked. */
function varying(): string {
  const port = 32_768 + Math.floor(Math.random() * 20_000);
  return `at ${new Date().toISOString()}, request id ${crypto.randomUUID()}, from 10.0.0.7:${port}, resourceVersion ${Math.floor(Math.random() * 1e6)}`;
}

describe.each([
  { code: 403, condition: 'Stalled', reason: 'PolicyRefused' },
  { code: 500, condition: 'Reconciling', reason: 'Retrying' },
])('a webhook that refuses by $code', ({ code, condition, reason }) => {
  const names = [1, 2, 3, 4, 5].map((index) => `varying-${code}-${index}`);

  test('in words that vary costs one status, one event and less than a request a second, and all pass when it does', async () => {
    const { fleet } = scene;
    let isRefusing = true;
    const refuser = await during(webhook(fleet.client, about(names), () => (isRefusing ? { code, message: varying() } : undefined)));
    for (const name of names) await fleet.create(name);
    for (const name of names) await fleet.until(name, condition, ['True', reason]);
    const versions = (): Promise<(string | undefined)[]> =>
      Promise.all(names.map(async (name) => (await fleet.read(name)).metadata.resourceVersion));
    const eventsOf = async (): Promise<number> =>
      (await fleet.client.list<KubernetesObject & { reason: string }>(EVENTS, { namespace: scene.namespace })).items.filter(
        ({ metadata, reason: why }) => metadata.name.startsWith(`varying-${code}-`) && why === reason,
      ).length;
    await sleep(3000);
    const [before, askedBefore, eventsBefore, sentBefore] = [
      await versions(),
      refuser.asked(),
      await eventsOf(),
      (await requestsOf(names)).length,
    ];
    const since = Date.now();
    await eventually(() => expect(refuser.asked() - askedBefore).toBeGreaterThanOrEqual(5), { timeoutMs: 60_000 });
    const seconds = (Date.now() - since) / 1000;
    expect(await versions()).toEqual(before);
    expect(await eventsOf()).toBe(eventsBefore);
    expect(eventsBefore).toBeLessThanOrEqual(names.length);
    expect((await requestsOf(names)).length - sentBefore).toBeLessThanOrEqual(seconds + 2);
    isRefusing = false;
    for (const name of names) expect(conditionOf(await fleet.ready(name), condition)).toBeUndefined();
  }, 240_000);
});

test('a refused update leaves every part of the spec before as it was, whoever refuses', async () => {
  const { fleet } = scene;
  const live = async (): Promise<unknown> => (await fleet.find<KubernetesObject & { data: object }>(CONFIG_MAPS, 'whole-config'))?.data;
  await fleet.create('whole', { config: { a: 'old' } });
  await fleet.ready('whole');
  const before = await live();
  const refuser = await during(policy(fleet.client, about(['whole'], { operations: ['UPDATE'] })));
  await fleet.edit('whole', { config: { a: 'new' }, image: 'example.com/server:2' });
  const server = await fleet.until('whole', 'Stalled', ['True', 'PolicyRefused']);
  expect(conditionOf(server, 'Ready')?.message).toContain(`ValidatingAdmissionPolicy '${refuser.name}'`);
  expect([conditionOf(server, 'Available')?.status, conditionOf(server, 'ConfigurationValid')?.status, await live()]).toEqual(['True', 'True', before]);
  await refuser.remove();
  await fleet.ready('whole');
  expect(await live()).toMatchObject({ a: 'new' });
});

test('a change is tried at once, however long the pauses have become', async () => {
  const { fleet } = scene;
  const refuser = await during(webhook(fleet.client, about(['changed']), () => ({ code: 403, message: 'no' })));
  await fleet.create('changed');
  await fleet.until('changed', 'Stalled', ['True', 'PolicyRefused']);
  await eventually(() => expect(refuser.asked()).toBeGreaterThanOrEqual(4), { timeoutMs: 60_000 });
  const asked = refuser.asked();
  await fleet.edit('changed', { port: 9090 });
  await eventually(() => expect(refuser.asked()).toBeGreaterThan(asked), { timeoutMs: 5000 });
});

test('a delete that is refused does not stall a spec that is live: it is said what was left, once', async () => {
  const { fleet } = scene;
  await fleet.create('kept', { replicas: 2 });
  await fleet.ready('kept');
  const refuser = await during(
    webhook(fleet.client, about(['kept'], { apiGroup: 'policy', resource: 'poddisruptionbudgets', operations: ['DELETE'] }), () => ({ code: 403, message: 'not this one' })),
  );
  await fleet.edit('kept', { disruption: { mode: 'None' } });
  const message = 'Left alone, for the operator may not delete it: PodDisruptionBudget kept; delete what nobody needs, or take the label mcp.example.com/server off it.';
  await eventually(async () => expect(conditionOf(await fleet.ready('kept'), 'ConfigurationValid')?.message).toContain(message));
  const told = async (): Promise<string[]> =>
    (await fleet.client.list<KubernetesObject & { reason: string; note: string }>(EVENTS, { namespace: scene.namespace })).items
      .filter(({ reason }) => reason === 'NotDeleted')
      .map(({ note }) => note);
  await eventually(async () => expect(await told()).toEqual([message]));
  await eventually(() => expect(refuser.asked()).toBeGreaterThanOrEqual(3), { timeoutMs: 60_000 });
  expect(await told()).toEqual([message]);
  await refuser.remove();
  await eventually(async () => expect(await fleet.find(POD_DISRUPTION_BUDGETS, 'kept')).toBeUndefined(), { timeoutMs: 75_000 });
  await eventually(async () => expect(conditionOf(await fleet.ready('kept'), 'ConfigurationValid')?.message).toBe('The spec passed every rule.'));
});

test("somebody's copy of the Deployment, with its labels and owner, is left alone and named, and nothing is asked of the API server", async () => {
  const { fleet } = scene;
  await fleet.create('original');
  await fleet.ready('original');
  const { metadata, spec } = (await fleet.find<KubernetesObject & { spec: object }>(DEPLOYMENTS, 'original'))!;
  const { labels, annotations, ownerReferences } = metadata;
  await fleet.client.create(DEPLOYMENTS, {
    metadata: { ...fleet.ref('original-canary'), labels, annotations, ownerReferences },
    spec: { ...spec, replicas: 0 },
  } as KubernetesObject);
  await eventually(async () => expect(conditionOf(await fleet.ready('original'), 'ConfigurationValid')?.message).toContain('may not delete it: Deployment original-canary;'));
  const { userAgent } = scene.operator;
  expect(await auditEvents((event) => event.userAgent === userAgent && event.objectRef?.name === 'original-canary' && event.verb !== 'watch')).toEqual([]);
  await fleet.client.delete(DEPLOYMENTS, fleet.ref('original-canary'));
  await eventually(async () => expect(conditionOf(await fleet.ready('original'), 'ConfigurationValid')?.message).toBe('The spec passed every rule.'));
});

test('a dry run never meets an object of another MCPServer, whatever its name', async () => {
  const { fleet } = scene;
  await fleet.create('twin', { config: { a: '1' } });
  await fleet.create('twin-dry-run', { config: { a: '1' } });
  for (const name of ['twin', 'twin-dry-run']) await fleet.ready(name);
  await fleet.edit('twin', { config: { a: '2' }, image: 'example.com/server:2', service: { port: 81 } });
  await fleet.ready('twin');
  const { userAgent } = scene.operator;
  const dry = await auditEvents((event) => event.userAgent === userAgent && event.requestURI.includes('dryRun=All'));
  expect(dry.length).toBeGreaterThan(1);
  expect(dry.filter(({ objectRef }) => objectRef?.name?.includes('twin-dry-run'))).toEqual([]);
});

test('another writer of a field that is laid over an object is fought no longer than one of a rendered field', async () => {
  const { fleet } = scene;
  await fleet.create('laid', { scaling: 'External', replicas: 1 });
  await fleet.ready('laid');
  const stop = new AbortController();
  onTestFinished(() => stop.abort());
  const running = contestOverlay(fleet, 'laid', stop.signal);
  const server = await fleet.until('laid', 'Stalled', ['True', 'WriteConflict']);
  expect(conditionOf(server, 'Ready')?.message).toContain('Another writer keeps changing what the operator applies to Deployment laid. Fields of it belong to other-controller.');
  const before = (await requestsOf(['laid'])).length;
  await sleep(9000);
  expect((await requestsOf(['laid'])).length - before).toBeLessThanOrEqual(1);
  stop.abort();
  await running;
  await fleet.ready('laid');
}, 240_000);

test('what cannot be written for want of an answer is told, then tried again until it can', async () => {
  const { fleet } = scene;
  await fleet.create('unanswered');
  await fleet.ready('unanswered');
  const refuser = await during(brokenWebhook(fleet.client, about(['unanswered'], { apiGroup: '', resource: 'services' })));
  await fleet.edit('unanswered', { service: { port: 81 } });
  const server = await fleet.until('unanswered', 'Reconciling', ['True', 'Retrying']);
  expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'Retrying', message: expect.stringContaining(`failed calling webhook "${refuser.name}"`) });
  expect(conditionOf(server, 'Available')?.status).toBe('True');
  await refuser.remove();
  await fleet.ready('unanswered');
  expect((await fleet.find<KubernetesObject & { spec: { ports: { port: number }[] } }>(SERVICES, 'unanswered'))?.spec.ports[0]?.port).toBe(81);
});
