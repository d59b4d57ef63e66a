// The namespaced installation: the Roles of dist/operator-namespaced.k8s.yaml are enough, and end at the namespace.
// The second and third case judge the requests of the first.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import type { KubernetesObject, ResourceType } from '../../kubernetes/objects.ts';
import { auditEvents, eventually, kubectl } from '../support/cluster.ts';
import { install, installed, type Installed } from '../support/operator-manifests.ts';
import { accountKubeconfig, accountOf, compareWithUse, exercise, refusedRequests, toInput, watchRules } from './installed-account.ts';
import { useScene } from './scene.ts';

const LEASES: ResourceType = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true };
const MANIFESTS = installed('operator-namespaced');
const lease = (metadata: object): KubernetesObject =>
  ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec: { holderIdentity: 'me' } }) as unknown as KubernetesObject;
let account: KubernetesClient;
let kubeconfig: string;

const scene = useScene('namespaced', {
  kubeconfig: async (client, namespace) => {
    // Elsewhere the same, so that the file's own namespace stays free.
    const moved = JSON.parse(JSON.stringify(accountOf(MANIFESTS)).replaceAll('"mcp-servers"', `"${namespace}"`)) as Installed[];
    kubeconfig = await accountKubeconfig(client, moved);
    return kubeconfig;
  },
});

beforeAll(async () => {
  account = new KubernetesClient(await connect({ kubeconfig, env: {} }), { userAgent: 'account' });
});
afterAll(() => account?.close());

test('with exactly the Roles of the namespaced installation the operator creates, repairs, changes, prunes and refuses', async () => {
  await exercise(scene);
  expect(await refusedRequests(scene)).toEqual([]);
});

test('it needed nothing beyond them, and no rule is idle', async () => {
  expect(await compareWithUse(watchRules(MANIFESTS), scene)).toEqual({ beyond: [], idle: [] });
});

test('it asked for nothing outside its namespace', async () => {
  const requests = await auditEvents(({ userAgent }) => userAgent === scene.operator.userAgent);
  expect(requests.length).toBeGreaterThan(20);
  expect(
    requests.filter(({ objectRef }) => objectRef?.namespace !== scene.namespace).map(({ verb, requestURI }) => `${verb} ${requestURI}`),
  ).toEqual([]);
});

test('the Role for leader election lets it take, read and renew the Lease mcp-operator, and no other', async () => {
  const ref = { namespace: scene.namespace, name: 'mcp-operator' };
  const put = async (client: KubernetesClient, { metadata }: KubernetesObject): Promise<number> =>
    (await client.request('PUT', `/apis/coordination.k8s.io/v1/namespaces/${scene.namespace}/leases/${metadata.name}`, { body: JSON.stringify(lease(metadata)) })).status;
  const taken = await account.create(LEASES, lease(ref));
  expect(await account.get(LEASES, ref)).toMatchObject({ spec: { holderIdentity: 'me' } });
  expect(await put(account, taken)).toBe(200);
  const other = await scene.fleet.client.create(LEASES, lease({ ...ref, name: 'other' }));
  expect(await put(account, other)).toBe(403);
  await expect(account.get(LEASES, { ...ref, name: 'other' })).rejects.toMatchObject({ kind: 'Forbidden' });
  await expect(account.delete(LEASES, ref)).rejects.toMatchObject({ kind: 'Forbidden' });
  await expect(account.create(LEASES, lease({ ...ref, namespace: 'default' }))).rejects.toMatchObject({ kind: 'Forbidden' });
});

test('with podAccess: api-server its Role lets it send what a handshake sends through the pod proxy', async () => {
  const statuses = (): Promise<number[]> =>
    Promise.all((['GET', 'POST', 'DELETE'] as const).map(async (method) => (await account.request(method, `/api/v1/namespaces/${scene.namespace}/pods/nobody:8080/proxy/mcp`)).status));
  expect(await statuses()).toEqual([403, 403, 403]);
  const { namespace } = scene;
  const manifests = install({ namespace, createNamespace: false, watchNamespaces: [namespace], podAccess: 'api-server' });
  expect(await kubectl(['apply', '--server-side', '-f', '-'], { input: toInput(accountOf(manifests)) })).toMatchObject({ code: 0 });
  // Allowed, and the pod not found.
  await eventually(async () => expect(await statuses()).toEqual([404, 404, 404]));
});
