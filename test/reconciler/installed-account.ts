// The ServiceAccount of an installation in dist/ on the control plane, what exercises its permissions, and what was used of them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { parse, stringify } from 'yaml';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { auditEvents, eventually, kubectl, uniqueName, type AuditEvent } from '../support/cluster.ts';
import { objectOf, type Installed, type Rule } from '../support/operator-manifests.ts';
import type { Scene } from './scene.ts';

/** The account, its rules and the namespace it lives in, but no operator besides the one under test. */
export function accountOf(manifests: readonly Installed[]): Installed[] {
  return manifests.filter(({ kind }) => ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].includes(kind));
}

/** As one text, for kubectl. */
export function toInput(manifests: readonly Installed[]): string {
  return manifests.map((object) => JSON.stringify(object)).join('\n---\n');
}

/** Installs the account and writes a kubeconfig with a token of it, whose path is returned. */
export async function accountKubeconfig(client: KubernetesClient, account: readonly Installed[]): Promise<string> {
  expect(await kubectl(['apply', '--server-side', '-f', '-'], { input: toInput(account) })).toMatchObject({ code: 0 });
  const { namespace, name } = objectOf(account, 'ServiceAccount').metadata;
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`;
  const answer = await client.request('POST', path, { body: JSON.stringify({ spec: {} }) });
  const { status } = JSON.parse(answer.body.toString()) as { status: { token: string } };
  const kubeconfig = parse(await readFile(inject('kubeconfig'), 'utf8')) as { users: { user: object }[] };
  for (const user of kubeconfig.users) user.user = { token: status.token };
  const file = join(inject('kubeconfig'), '..', uniqueName('operator'));
  await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
  return file;
}

/** Rules for MCPServers: all but those for the Lease, which the operator within a test does not use. */
export function watchRules(manifests: readonly Installed[]): Rule[] {
  return manifests.flatMap(({ rules = [] }) => rules).filter(({ resources }) => !resources.includes('leases'));
}

/** Has the operator create, repair, change, prune, refuse and delete. */
export async function exercise({ fleet }: Scene): Promise<void> {
  await fleet.create('demo', {
    autoscaling: { maxReplicas: 2, targetCPUUtilizationPercentage: 80 },
    config: { A: '1' },
    networkPolicy: { ingressFrom: [] },
  });
  await fleet.ready('demo');
  const { uid } = (await fleet.find(SERVICES, 'demo'))?.metadata ?? {};
  await fleet.client.delete(SERVICES, fleet.ref('demo'));
  await eventually(async () => {
    const found = await fleet.find(SERVICES, 'demo');
    expect(found?.metadata.uid).toBeDefined();
    expect(found?.metadata.uid).not.toBe(uid);
  });
  await fleet.client.patch(SERVICES, fleet.ref('demo'), { spec: { ports: [{ name: 'mcp', port: 9999 }] } }, { fieldManager: 'kubectl-edit' });
  await fleet.client.patch(DEPLOYMENTS, fleet.ref('demo'), { spec: { replicas: 7 } });
  await fleet.ready('demo');
  await fleet.edit('demo', { config: null, networkPolicy: null, serviceAccount: 'default', autoscaling: null, replicas: 1, transport: 'http' });
  await eventually(async () => expect(await fleet.childNames('demo')).toEqual(['Service demo', 'Deployment demo']));
  await fleet.ready('demo');
  await fleet.edit('demo', { transport: 'stdio', command: ['server'] });
  await eventually(async () => expect(await fleet.childNames('demo')).toEqual(['Service demo', 'Service demo-mcp-peers', 'Deployment demo']));
  await fleet.edit('demo', { stdio: { sessions: 'Shared' } });
  await eventually(async () => expect(await fleet.childNames('demo')).toEqual(['Service demo', 'Deployment demo']));
  await fleet.client.create(SERVICES, { metadata: fleet.ref('taken'), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.create('taken');
  await fleet.until('taken', 'Stalled', ['True', 'NameConflict']);
  await fleet.remove('demo');
  await eventually(async () => expect(await fleet.childNames('demo')).toEqual([]), { timeoutMs: 75_000 });
}

/** What the operator was refused, watches once, too. */
export function refusedRequests({ operator }: Scene): Promise<AuditEvent[]> {
  return auditEvents(({ stage, userAgent, responseStatus }) =>
    stage === 'ResponseComplete' && userAgent === operator.userAgent && responseStatus?.code === 403);
}

/** Verbs on resources that the operator used beyond the rules, and rules it did not use. */
export async function compareWithUse(rules: readonly Rule[], { operator }: Scene): Promise<{ beyond: string[]; idle: Rule[] }> {
  const used = new Set((await auditEvents((event) => event.userAgent === operator.userAgent)).map(({ verb, objectRef }) =>
    `${verb} ${[objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/')}`));
  const granted = rules.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
  return {
    beyond: [...used].filter((pair) => !granted.includes(pair)).toSorted(),
    idle: rules.filter(({ resources }) => !resources.some((resource) => [...used].some((pair) => pair.endsWith(` ${resource}`)))),
  };
}
