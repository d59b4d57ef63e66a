import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, inject, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, PODS, REPLICA_SETS, SECRETS, SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { auditEvents, eventually, kubectl, uniqueName, type AuditEvent } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
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

const ROTATION = readFileSync(join(import.meta.dirname, '../../examples/secret-rotation/weather.yaml'), 'utf8');
const SECRET = 'weather-api-key';

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
  expect(await refusedRequests()).toEqual([]);
});

async function refusedRequests(): Promise<AuditEvent[]> {
  return auditEvents((event) => event.userAgent === scene.operator.userAgent && event.responseStatus?.code === 403);
}

async function templates(name: string): Promise<number> {
  const { items } = await scene.fleet.client.list(REPLICA_SETS, { namespace: scene.namespace, labelSelector: `mcp.example.com/server=${name}` });
  return items.length;
}

test('without permission on a Secret its server works, the status says what is not seen, and the operator asks ever more rarely', async () => {
  const { fleet } = scene;
  const data = { token: 'b25l' };
  await fleet.client.create(SECRETS, { metadata: fleet.ref('unseen'), data } as KubernetesObject);
  await fleet.create('blind', { envFrom: [{ secretRef: { name: 'unseen' } }] });
  const server = await fleet.ready('blind');
  expect(conditionOf(server, 'ConfigurationValid')?.message).toContain('does not see changes of Secret unseen');
  await fleet.edit('blind', { port: 9090 });
  await fleet.ready('blind');
  await sleep(8000);
  const refused = await refusedRequests();
  expect(new Set(refused.map(({ verb, requestURI }) => `${verb} ${requestURI.replace(/[?&]limit=\d+/, '')}`))).toEqual(
    new Set([`list /api/v1/namespaces/${scene.namespace}/secrets?fieldSelector=metadata.name%3Dunseen`]),
  );
  // Pauses of half a second, one, two, four … at the very least.
  expect(refused.length).toBeLessThan(7);
  expect(scene.operator.errors).toEqual([]);
  await fleet.remove('blind');
});

test('a missing Secret the operator may not look at is read from the status of the pods', async () => {
  const { fleet, namespace } = scene;
  scene.pods.paused = true;
  await fleet.create('told', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'unheard', key: 'a' } } }] });
  const pod = await eventually(async () => {
    const { items } = await fleet.client.list(PODS, { namespace, labelSelector: 'mcp.example.com/server=told' });
    if (items[0] === undefined) throw new Error('no pod yet');
    return items[0];
  });
  const waiting = { reason: 'CreateContainerConfigError', message: 'secret "unheard" not found' };
  const containerStatuses = [{ name: 'mcp-server', image: 'a', imageID: 'a', ready: false, restartCount: 0, state: { waiting } }];
  await fleet.client.patch(PODS, pod.metadata, { status: { phase: 'Pending', containerStatuses } }, { subresource: 'status' });
  const server = await fleet.until('told', 'ConfigurationValid', ['False', 'SecretNotFound']);
  expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'SecretNotFound', message: expect.stringContaining('Secret unheard (spec.env[0])') });
  expect(conditionOf(server, 'Reconciling')?.reason).toBe('SecretNotFound');
  scene.pods.paused = false;
  await fleet.remove('told');
});

test('the Role of the example is all it takes to have a rotated Secret restart its server', async () => {
  const { fleet, namespace } = scene;
  const input = ROTATION.replaceAll('namespace: default', `namespace: ${namespace}`);
  expect(await kubectl(['apply', '-f', '-'], { input })).toMatchObject({ code: 0 });
  // The Role may come late: it is found at one of the next attempts.
  await fleet.until('weather', 'Ready', ['False', 'SecretNotFound']);
  await fleet.client.create(SECRETS, { metadata: fleet.ref(SECRET), data: { token: 'b25l' } } as KubernetesObject, { fieldManager: 'rotation' });
  await fleet.ready('weather');
  expect(await templates('weather')).toBe(1);
  await sleep(1100);
  await fleet.client.patch(SECRETS, fleet.ref(SECRET), { data: { token: 'dHdv' } }, { fieldManager: 'rotation' });
  await eventually(async () => expect(await templates('weather')).toBe(2));
  await fleet.ready('weather');
  await sleep(4000);
  expect(await templates('weather')).toBe(2);
});

test('it needed nothing beyond the rules of the installation, and no rule is idle', async () => {
  const used = new Set((await auditEvents((event) => event.userAgent === scene.operator.userAgent)).map(({ verb, objectRef }) =>
    `${verb} ${[objectRef?.resource, objectRef?.subresource].filter((part) => part !== undefined).join('/')}`));
  const granted = RULES.flatMap(({ resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => `${verb} ${resource}`)));
  // Secrets are granted one by one, by whoever wants them watched.
  expect([...used].filter((pair) => !granted.includes(pair)).toSorted()).toEqual(['list secrets', 'watch secrets']);
  expect(RULES.filter(({ resources }) => !resources.some((resource) => [...used].some((pair) => pair.endsWith(` ${resource}`))))).toEqual([]);
  expect(granted.filter((pair) => /secrets|role|\*|deletecollection|impersonate|escalate|bind/.test(pair))).toEqual([]);
});
