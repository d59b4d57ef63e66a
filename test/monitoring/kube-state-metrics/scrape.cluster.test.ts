// The real kube-state-metrics on the configuration, with the rights that docs/monitoring.md gives it: what it tells is what the MCPServers say.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { accountKubeconfig, toInput } from '../../reconciler/installed-account.ts';
import { useScene } from '../../reconciler/scene.ts';
import { eventually, kubectl } from '../../support/cluster.ts';
import type { Installed } from '../../support/operator-manifests.ts';
import { blocksOf } from '../../support/page-blocks.ts';
import { promtool, promtoolIsMissing } from '../../support/promtool.ts';
import { familiesOf, samplesOf, type Scraped } from '../../support/scraped.ts';
import { startKubeStateMetrics, type KubeStateMetrics } from './program.ts';

const ACCOUNT = 'kube-state-metrics';
const STATUSES = ['True', 'False', 'Unknown'];
const PHASES = ['Pending', 'Updating', 'Ready', 'Failed', 'Terminating'];
const LIMIT_MS = 600_000;
const scene = useScene('state-metrics');
let program: KubeStateMetrics | undefined;

/** The ClusterRole of the page, and who has it. */
function account(): Installed[] {
  const page = blocksOf('monitoring.md').find(({ heading, language }) => heading === 'With kube-state-metrics' && language === 'yaml');
  const role = parse(page?.text ?? '') as Installed;
  const metadata = { name: ACCOUNT, namespace: scene.namespace };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role.metadata.name };
  const subjects = [{ kind: 'ServiceAccount', ...metadata }];
  const binding = { apiVersion: role.apiVersion, kind: 'ClusterRoleBinding', metadata: { name: role.metadata.name }, roleRef, subjects };
  return [{ apiVersion: 'v1', kind: 'ServiceAccount', metadata }, role, binding] as Installed[];
}

beforeAll(async () => {
  const { fleet } = scene;
  await fleet.create('one', { replicas: 2 });
  await fleet.create('two', { replicas: 1, env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] });
  await fleet.ready('one');
  await fleet.until('two', 'Stalled', ['True']);
  program = await startKubeStateMetrics(await accountKubeconfig(fleet.client, account()), scene.namespace);
}, LIMIT_MS);
afterAll(async () => {
  await program?.stop();
  await kubectl(['delete', '--wait=false', '-f', '-'], { input: toInput(account()) });
});

/** The labels that all have. */
function isCommon(label: string): boolean {
  return label === 'name' || label === 'namespace' || label.startsWith('customresource_');
}

/** What is told of an MCPServer, without the labels that all have. */
async function told(name: string): Promise<Scraped[]> {
  const text = (await program?.scrape()) ?? '';
  const own = samplesOf(text).filter(({ labels }) => labels['name'] === name && labels['namespace'] === scene.namespace);
  return own.map(({ labels, ...others }) =>
    ({ ...others, labels: Object.fromEntries(Object.entries(labels).filter(([label]) => !isCommon(label))) }));
}

function sample(name: string, value: number | undefined, labels: Readonly<Record<string, string>> = {}): Scraped[] {
  return value === undefined ? [] : [{ name: `kube_mcpserver_${name}`, labels, value }];
}

function seconds(time: unknown): number {
  return Date.parse(String(time)) / 1000;
}

/** What should be told of it, by what it says itself. */
function expected({ metadata, spec, status }: MCPServerObject): Scraped[] {
  const conditions = status?.conditions ?? [];
  const times = conditions.map(({ type, lastTransitionTime }) => [type, seconds(lastTransitionTime)] as const);
  const { name = '', version = '' } = status?.server ?? {};
  return [
    ...conditions.flatMap(({ type, reason, status: is }) => STATUSES.flatMap((each) =>
      sample('status_condition', each === is ? 1 : 0, { type, reason, status: each }))),
    ...times.flatMap(([type, time]) => sample('status_condition_last_transition_time', time, { type })),
    ...PHASES.flatMap((phase) => sample('status_phase', phase === status?.phase ? 1 : 0, { phase })),
    ...sample('info', 1, {
      image: spec.image,
      ...(spec.transport && { transport: spec.transport }),
      ...(name && { server_name: name }),
      ...(version && { server_version: version }),
      ...(status?.endpoint && { endpoint: status.endpoint }),
    }),
    ...sample('created', seconds(metadata.creationTimestamp)),
    ...sample('spec_replicas', spec.replicas),
    ...sample('status_replicas', status?.replicas),
    ...sample('status_ready_replicas', status?.readyReplicas),
    ...sample('metadata_generation', metadata.generation),
    ...sample('status_observed_generation', status?.observedGeneration),
  ];
}

function listed(labels: Scraped['labels']): string {
  return Object.entries(labels).map(([label, text]) => `${label}=${text}`).toSorted().join();
}

function sorted(samples: readonly Scraped[]): string[] {
  return samples.map(({ name, labels, value }) => `${name}{${listed(labels)}} ${value}`).toSorted();
}

describe('kube-state-metrics', () => {
  test.each(['one', 'two'])('tells of %s what its status says', async (name) => {
    await eventually(async () => {
      const server = await scene.fleet.read(name);
      expect(sorted(await told(name))).toEqual(sorted(expected(server)));
    }, { timeoutMs: 60_000, message: program?.logTail(5) ?? '' });
  });

  test('follows a change, and forgets what is gone', async () => {
    await scene.fleet.edit('two', { env: null });
    await scene.fleet.ready('two');
    const ready = { type: 'Ready', status: 'True', reason: 'Verified' };
    await eventually(async () => expect(await told('two')).toContainEqual({ name: 'kube_mcpserver_status_condition', labels: ready, value: 1 }));
    await scene.fleet.remove('two');
    await eventually(async () => expect(await told('two')).toEqual([]));
  });

  test.skipIf(promtoolIsMissing())('answers what promtool has nothing to say against', async () => {
    const text = (await program?.scrape()) ?? '';
    expect(promtool(['check', 'metrics'], { input: text })).toEqual({ passed: true, said: '' });
    expect(familiesOf(text).size).toBe(10);
  });
});
