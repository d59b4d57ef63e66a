// MCPServers with init containers, sidecars and a pod template, with the operator on the real API server.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { SERVER_LABEL } from '../../charts/api/labels.ts';
import { DEPLOYMENTS, PODS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { auditEvents, eventually, isWrite } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
import { FULL_OPEN } from '../support/open-examples.ts';
import { useScene } from './scene.ts';

interface Pod {
  readonly containers: { name: string }[];
  readonly initContainers?: { name: string }[];
  readonly [field: string]: unknown;
}
type Deployment = KubernetesObject & { readonly spec: { readonly template: { readonly metadata: object; readonly spec: Pod } } };

const scene = useScene('open-servers');

async function templateOf(name: string): Promise<Deployment['spec']['template']> {
  const deployment = await scene.fleet.find<Deployment>(DEPLOYMENTS, name);
  if (deployment === undefined) throw new Error(`there is no Deployment ${name}`);
  return deployment.spec.template;
}

/** How often the operator that runs now has written. */
async function writes(): Promise<number> {
  const { userAgent } = scene.operator;
  return (await auditEvents((event) => event.userAgent === userAgent && isWrite(event) && event.objectRef?.resource !== 'leases')).length;
}

/** Waits for some reconciles of an MCPServer, whose pods are touched. */
async function reconciled(name: string, times: number): Promise<void> {
  const { fleet, namespace, operator } = scene;
  const { items: pods } = await fleet.client.list(PODS, { namespace, labelSelector: `${SERVER_LABEL}=${name}` });
  for (let time = 1; time <= times; time += 1) {
    const before = await operator.reconciles();
    for (const { metadata } of pods) await fleet.client.patch(PODS, metadata, { metadata: { annotations: { looked: String(time) } } });
    await eventually(async () => expect(await operator.reconciles()).toBeGreaterThan(before));
  }
}

const ITEM = { path: 'a', fieldRef: { fieldPath: 'metadata.name' } };
/** Amounts, ports, and what counts as not said, as nobody spells them for an API server. */
const ODD = {
  ...FULL_OPEN,
  podTemplate: {
    metadata: FULL_OPEN.podTemplate.metadata,
    spec: {
      ...FULL_OPEN.podTemplate.spec,
      hostAliases: [{ ip: '192.0.2.2', hostnames: ['b'] }, { ip: '192.0.2.1' }],
      hostNetwork: false,
      hostname: '',
      volumes: [
        { name: 'tmp', emptyDir: { sizeLimit: '0.5Gi', medium: '' } },
        { name: 'more', projected: { sources: [{ serviceAccountToken: { path: 'token' } }, { downwardAPI: { items: [ITEM] } }] } },
      ],
    },
  },
} satisfies Partial<MCPServerSpec>;

test('each of the three runs, costs no write at rest, not after a restart either, and is gone when it is switched off', async () => {
  const { fleet } = scene;
  await fleet.create('open', ODD);
  await fleet.ready('open');
  const { spec: pod, metadata } = await templateOf('open');
  expect([pod.initContainers, pod.containers].map((list) => list?.map(({ name }) => name))).toEqual([['migrate', 'proxy'], ['mcp-server', 'exporter']]);
  expect([metadata, pod]).toMatchObject([{ annotations: { 'example.com/note': 'a' } }, { hostAliases: [{ ip: '192.0.2.2' }, { ip: '192.0.2.1' }] }]);
  await sleep(3000);
  const before = await writes();
  await reconciled('open', 10);
  expect([before > 0, await writes()]).toEqual([true, before]);
  await scene.restart();
  await reconciled('open', 3);
  expect(await writes()).toBe(0);
  await fleet.edit('open', { initContainers: null, sidecars: null, podTemplate: null });
  await fleet.ready('open');
  const { spec: after } = await templateOf('open');
  expect([after.initContainers, after['hostAliases'], after.containers.map(({ name }) => name)]).toEqual([undefined, undefined, ['mcp-server']]);
  expect(after['volumes']).toEqual([{ name: 'tmp', emptyDir: { sizeLimit: '128Mi' } }]);
});

test.each<[string, Partial<MCPServerSpec>, string]>([
  ['init', { initContainers: [{ name: 'a', image: 'a', comand: ['b'] }] }, '.spec.template.spec.initContainers[name="a"].comand: field not declared in schema'],
  ['sidecar', { sidecars: [{ name: 'a', image: 'a', resources: { limit: { cpu: '1' } } }] }, 'initContainers[name="a"].resources.limit: field not declared in schema'],
  ['template', { podTemplate: { spec: { hostAlias: [] } } }, '.spec.template.spec.hostAlias: field not declared in schema'],
])('a misspelt field in %s is told with its path, and what runs is left', async (name, spec, told) => {
  const { fleet } = scene;
  await fleet.create(name);
  await fleet.ready(name);
  const before = await templateOf(name);
  await fleet.edit(name, { ...spec, port: 9090 });
  const server = await fleet.until(name, 'Stalled', ['True', 'InvalidSpec']);
  expect(conditionOf(server, 'Ready')?.message).toContain(told);
  expect([await templateOf(name), conditionOf(server, 'Available')?.status]).toEqual([before, 'True']);
  await fleet.edit(name, { initContainers: null, sidecars: null, podTemplate: null });
  await fleet.ready(name);
});

test.each<[string, Partial<MCPServerSpec>, string]>([
  ['field', { podTemplate: { spec: { serviceAccountName: 'a' } } }, 'spec.podTemplate.spec.serviceAccountName: spec.serviceAccount says it: write it there'],
  ['name', { sidecars: [{ name: 'a', image: 'a' }], initContainers: [{ name: 'a', image: 'a' }] }, 'spec.sidecars.0.name: another container of the pod has this name'],
  ['directive', { podTemplate: { spec: { $patch: 'replace' } } }, 'spec.podTemplate.spec.$patch: is a directive of patches'],
  ['shape', { podTemplate: { spec: { containers: { a: 'b' } } } }, 'spec.podTemplate.spec.containers: must be a list'],
])('a rule of ours about a %s is told, though no API server knows it, and what runs is left', async (which, spec, told) => {
  const { fleet } = scene;
  const name = `rule-${which}`;
  await fleet.create(name);
  await fleet.ready(name);
  const before = await templateOf(name);
  await fleet.edit(name, spec);
  const server = await fleet.until(name, 'ConfigurationValid', ['False', 'InvalidSpec']);
  expect(conditionOf(server, 'ConfigurationValid')?.message).toContain(told);
  expect(await templateOf(name)).toEqual(before);
  await fleet.edit(name, { initContainers: null, sidecars: null, podTemplate: null });
  await fleet.ready(name);
});

// Guards let nobody have such a field.
test.skipIf(inject('guarded'))('a field that the API server takes and does not keep, for its feature is off, is told by its path, and not applied again and again', async () => {
  const { fleet, operator } = scene;
  await fleet.create('unkept', { podTemplate: { spec: { schedulingGroup: { podGroupName: 'a' } } } });
  const server = await fleet.until('unkept', 'Stalled', ['True', 'WriteConflict']);
  expect(conditionOf(server, 'Ready')?.message)
    .toContain('The API server takes what the operator applies to Deployment unkept and keeps something else at spec.template.spec.schedulingGroup: ');
  await reconciled('unkept', 5);
  const applies = await auditEvents(({ userAgent, verb, objectRef }) =>
    userAgent === operator.userAgent && verb === 'patch' && objectRef?.resource === 'deployments' && objectRef.name === 'unkept');
  expect(applies.length).toBeLessThanOrEqual(4);
  await fleet.edit('unkept', { podTemplate: null });
  await fleet.ready('unkept');
});

test('null below an open field is told, not dropped', async () => {
  const { fleet } = scene;
  await fleet.create('null', { podTemplate: { spec: { nodeName: null } } });
  const server = await fleet.until('null', 'ConfigurationValid', ['False', 'InvalidSpec']);
  expect(conditionOf(server, 'ConfigurationValid')?.message).toContain('spec.podTemplate.spec.nodeName: null cannot be said here: leave the field out');
});

test.skipIf(inject('guarded'))('what leaves restricted is told with the fields that were written', async () => {
  const { fleet } = scene;
  const sidecars = [{ name: 'a', image: 'a', securityContext: { runAsUser: 0 } }];
  await fleet.create('weak', { sidecars, podTemplate: { spec: { hostPID: true } } });
  const server = await fleet.until('weak', 'ConfigurationValid', ['True']);
  expect(conditionOf(server, 'ConfigurationValid')?.message)
    .toContain('The pods do not meet Pod Security restricted, nor baseline: podTemplate.spec.hostPID is true, sidecars[0].securityContext.runAsUser is 0.');
});
