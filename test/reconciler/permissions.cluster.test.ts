import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, inject, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { auditEvents, eventually, kubectl, uniqueName } from '../support/cluster.ts';
import { useScene } from './scene.ts';

interface Rule {
  readonly apiGroups: string[];
  readonly resources: string[];
  readonly verbs: string[];
}

interface InstalledObject extends KubernetesObject {
  readonly rules?: Rule[];
}

const DIST = join(import.meta.dirname, '../../dist/operator.k8s.yaml');
const INSTALLED = parseAllDocuments(await readFile(DIST, 'utf8')).map((document) => document.toJS() as InstalledObject);
const RULES = INSTALLED.flatMap(({ rules }) => rules ?? []);
/** The installed account, its rules and the namespace it lives in, but no operator besides the one under test. */
const ACCOUNT = INSTALLED.filter(({ kind }) => ['Namespace', 'ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].includes(kind ?? ''));
const YAML = ACCOUNT.map((object) => JSON.stringify(object)).join('\n---\n');

const scene = useScene('permissions', { kubeconfig: accountKubeconfig });

afterAll(async () => {
  await kubectl(['delete', '--wait=false', '-f', '-'], { input: YAML });
});

/** Installs the account and writes a kubeconfig with a token of it. */
async function accountKubeconfig(client: KubernetesClient): Promise<string> {
  expect(await kubectl(['apply', '-f', '-'], { input: YAML })).toMatchObject({ code: 0 });
  const { metadata } = ACCOUNT.find(({ kind }) => kind === 'ServiceAccount') ?? { metadata: { name: '' } };
  const path = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${metadata.name}/token`;
  const answer = await client.request('POST', path, { body: JSON.stringify({ spec: {} }) });
  const { status } = JSON.parse(answer.body.toString()) as { status: { token: string } };
  const kubeconfig = parse(await readFile(inject('kubeconfig'), 'utf8')) as { users: { user: object }[] };
  for (const user of kubeconfig.users) user.user = { token: status.token };
  const file = join(inject('kubeconfig'), '..', uniqueName('operator'));
  await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
  return file;
}

test('with exactly the permissions of the installation the operator creates, repairs, changes, prunes and refuses', async () => {
  const { fleet } = scene;
  await fleet.create('demo', { autoscaling: { maxReplicas: 2, targetCPUUtilizationPercentage: 80 }, config: { A: '1' }, networkPolicy: { ingressFrom: [] } });
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
  await fleet.edit('demo', { transport: 'stdio' });
  await eventually(async () => expect(await fleet.childNames('demo')).toEqual(['Deployment demo']));
  await fleet.client.create(SERVICES, { metadata: fleet.ref('taken'), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.create('taken');
  await fleet.until('taken', 'Stalled', ['True', 'NameConflict']);
  await fleet.remove('demo');
  await eventually(async () => expect(await fleet.childNames('demo')).toEqual([]), { timeoutMs: 75_000 });
  const refused = await auditEvents((event) => event.userAgent === scene.operator.userAgent && event.responseStatus?.code === 403);
  expect(refused).toEqual([]);
});

test('it needed nothing beyond the rules of the installation, and no rule is idle', async () => {
  const used = new Set((await auditEvents((event) => event.userAgent === scene.operator.userAgent)).map(({ verb, objectRef }) =>
    `${verb} ${[objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/')}`));
  const granted = RULES.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
  expect([...used].filter((pair) => !granted.includes(pair))).toEqual([]);
  expect(RULES.filter(({ resources }) => !resources.some((resource) => [...used].some((pair) => pair.endsWith(` ${resource}`))))).toEqual([]);
  expect(granted.filter((pair) => /secrets|role|\*|deletecollection|impersonate|escalate|bind/.test(pair))).toEqual([]);
});
