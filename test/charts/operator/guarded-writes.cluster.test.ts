// The guard of all that the operator writes, on the real API server: as the operator's user, whom RBAC here forbids nothing.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import {
  CONFIG_MAPS, DEPLOYMENTS, EVENTS, LEASES, NAMESPACES, ROLE_BINDINGS, SECRETS, SERVICES, type KubernetesObject, type ResourceType,
} from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { connect, eventually, kubectl, uniqueName, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { guardManifests, OPEN, toText } from '../../support/guard-manifests.ts';
import { clientAs, edited, ownObjects, refusalOf, serverObject, useGuards, type Editable } from '../../support/guards.ts';

const allowed = useNamespace('allowed');
// With guards switched on for all tests, namespaces are labelled as allowed unless they say otherwise.
const other = useNamespace('other', { 'mcp.example.com/servers': 'none' });
const labelled = useNamespace('labelled', { 'mcp.example.com/servers': 'allowed' });
const guarded = useGuards(allowed, { ...OPEN, allowedServiceAccountAnnotations: [] });
const home = useNamespace('home', { 'mcp.example.com/servers': 'allowed' });
const parts = {} as { admin: KubernetesClient };

beforeAll(async () => {
  parts.admin = await connect();
  await ensureCrd(parts.admin);
  // What has an owner that is not there is collected.
  const { metadata } = await parts.admin.create<KubernetesObject>(MCP_SERVERS, serverObject({ suspend: true }, allowed));
  OWNER.uid = metadata.uid ?? '';
});
afterAll(() => parts.admin?.close());

const OWNER = { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', name: 'demo', uid: '0c1b6a2e-0000-4000-8000-000000000001', controller: true };
/** Of a kind that no cluster knows: it is not collected either. */
const FOREIGN = { ...OWNER, apiVersion: 'apps.example.com/v1', kind: 'App', name: 'app' };
const PAYMENTS = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'payments' };
const LABELS = { 'mcp.example.com/server': 'demo', 'app.kubernetes.io/managed-by': 'mcp-operator' };

function configMap(namespace: string, metadata: object = { labels: LABELS, ownerReferences: [OWNER] }): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: uniqueName('mine'), namespace, ...metadata }, data: { a: '1' } } as KubernetesObject;
}

const refusal = (object: KubernetesObject, type: ResourceType = CONFIG_MAPS): Promise<string> => refusalOf(guarded.client, object, type);
const POLICY = 'ValidatingAdmissionPolicy';

/** An object as somebody else made it, until the end of the test. */
async function existing(metadata: object): Promise<KubernetesObject['metadata']> {
  return (await parts.admin.create(CONFIG_MAPS, configMap(allowed, metadata))).metadata;
}

describe('the operator creates', () => {
  test('what carries its labels and an MCPServer as owner, in a namespace that is allowed', async () => {
    expect(await refusal(configMap(allowed))).toBe('');
    const spec = { config: { a: '1' }, networkPolicy: { ingressFrom: [] }, replicas: 2 };
    for (const object of ownObjects(spec, { namespace: allowed })) expect(await refusalOf(guarded.client, object)).toBe('');
  });

  test('what names its owner by annotation alone, as under deletionPolicy Orphan', async () => {
    expect(await refusal(configMap(allowed, { labels: LABELS, annotations: { 'mcp.example.com/owner': `${allowed}/demo/1` } }))).toBe('');
  });

  test.each([
    ['without marks', {}],
    ['without labels', { ownerReferences: [OWNER] }],
    ['without an owner', { labels: LABELS }],
    ['owned by something else', { labels: LABELS, ownerReferences: [FOREIGN] }],
    ['owned by something else of that name', { labels: LABELS, ownerReferences: [{ ...OWNER, apiVersion: 'mcp.example.org/v1' }] }],
    ['of which an MCPServer is not the controller', { labels: LABELS, ownerReferences: [{ ...OWNER, controller: false }] }],
    ['of an owner elsewhere', { labels: LABELS, annotations: { 'mcp.example.com/owner': 'elsewhere/demo/1' } }],
    ['controlled by something else', { labels: LABELS, annotations: { 'mcp.example.com/owner': 'allowed/demo/1' }, ownerReferences: [FOREIGN] }],
  ])('no object %s', async (_, metadata) => {
    const there = JSON.parse(JSON.stringify(metadata).replace('allowed/', `${allowed}/`)) as object;
    expect(await refusal(configMap(allowed, there))).toContain(`${POLICY} 'mcp-operator-writes.${guarded.home}'`);
  });

  test.each([['another namespace', () => other], ['kube-system', () => 'kube-system'], ['its own namespace', () => home]])('nothing in %s', async (_, namespace) => {
    expect(await refusal(configMap(namespace()))).toContain('The operator may write in no other namespaces');
    const spec = { serviceAccount: 'clusterrole-aggregation-controller', automountServiceAccountToken: true };
    const deployment = ownObjects(spec, { namespace: namespace() }).find(({ kind }) => kind === 'Deployment');
    expect(await refusal(deployment as unknown as KubernetesObject, DEPLOYMENTS)).toContain('The operator may write in no other namespaces');
  });

  test.each<[string, ResourceType, object]>([
    ['a Secret', SECRETS, { metadata: { labels: LABELS, ownerReferences: [OWNER] } }],
    ['an MCPServer', MCP_SERVERS, { apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', spec: { image: 'a' } }],
    ['a RoleBinding', ROLE_BINDINGS, { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' } }],
    ['a Namespace', NAMESPACES, {}],
    ['an Event about something else', EVENTS, event({ kind: 'Pod', apiVersion: 'v1', name: 'pod-1', namespace: allowed })],
    ['a Lease of another namespace', LEASES, { metadata: { name: 'mcp-operator' } }],
  ])('never %s, whoever granted it the right to', async (_, type, object: { readonly metadata?: object }) => {
    const namespace = type.namespaced ? { namespace: allowed } : {};
    const answer = await refusal({ ...object, metadata: { name: uniqueName('more'), ...object.metadata, ...namespace } }, type);
    expect(answer).toContain(`${POLICY} 'mcp-operator-writes.${guarded.home}'`);
  });

  test.each<[kind: string, change: (object: Editable) => void, answer: string]>([
    ['NetworkPolicy', ({ spec }) => void Object.assign(spec, { podSelector: {} }), 'selects other pods'],
    ['PodDisruptionBudget', ({ spec }) => void Object.assign(spec, { selector: { matchLabels: { app: 'payments' } } }), 'selects other pods'],
    ['HorizontalPodAutoscaler', ({ spec }) => void Object.assign(spec, { scaleTargetRef: PAYMENTS }), 'scales something else'],
    ['ServiceAccount', ({ metadata }) => void Object.assign(metadata.annotations ?? {}, { 'eks.amazonaws.com/role-arn': 'a' }), 'not among allowedServiceAccountAnnotations'],
    ['ServiceAccount', (object) => void Object.assign(object, { automountServiceAccountToken: true }), 'or its token mounted'],
  ])('no %s of its own that reaches further', async (kind, change, answer) => {
    const autoscaling = { minReplicas: 2, maxReplicas: 3, targetCPUUtilizationPercentage: 80 };
    const spec = { autoscaling, networkPolicy: { ingressFrom: [] } };
    const object = ownObjects(spec, { namespace: allowed }).find((each) => each.kind === kind);
    expect(await refusalOf(guarded.client, edited(object, () => undefined))).toBe('');
    expect(await refusalOf(guarded.client, edited(object, change))).toContain(answer);
  });

  test('Events about MCPServers everywhere, so that refusals are told', async () => {
    const object = event({ kind: 'MCPServer', apiVersion: 'mcp.example.com/v1alpha1', name: 'demo', namespace: other });
    expect(await refusal({ ...object, metadata: { name: uniqueName('told'), namespace: other } }, EVENTS)).toBe('');
  });

  test('its own Lease, and no other beside it', async () => {
    const spec = { holderIdentity: 'me' };
    const namespace = guarded.home;
    const lease = (name: string): KubernetesObject => ({ metadata: { name, namespace }, spec }) as unknown as KubernetesObject;
    await parts.admin.create(NAMESPACES, { metadata: { name: namespace } });
    expect(await refusal(lease('mcp-operator'), LEASES)).toBe('');
    expect(await refusal(lease('other'), LEASES)).toContain('no Lease but its own');
    await parts.admin.delete(NAMESPACES, { name: guarded.home });
  });
});

describe('the operator changes and deletes', () => {
  test.each([
    ['its own', { labels: LABELS, ownerReferences: [OWNER] }],
    ['its own, of which somebody took a label away', { ownerReferences: [OWNER] }],
    ['what it may have left by the annotation', { labels: LABELS, annotations: { 'mcp.example.com/owner': 'allowed/demo/1' } }],
  ])('%s', async (_, metadata) => {
    const mine = await existing(JSON.parse(JSON.stringify(metadata).replace('allowed/', `${allowed}/`)) as object);
    expect(await guarded.client.patch(CONFIG_MAPS, mine, { data: { a: '2' } })).toMatchObject({ data: { a: '2' } });
    await guarded.client.delete(CONFIG_MAPS, mine);
  });

  test.each([
    ['without marks', {}],
    ['that only carries its labels', { labels: LABELS }],
    ['controlled by something else, with a forged annotation', { labels: LABELS, annotations: { 'mcp.example.com/owner': 'allowed/demo/1' }, ownerReferences: [FOREIGN] }],
  ])('no object %s, also not by marking it', async (_, metadata) => {
    const foreign = await existing(JSON.parse(JSON.stringify(metadata).replace('allowed/', `${allowed}/`)) as object);
    await expect(guarded.client.patch(CONFIG_MAPS, foreign, { data: { a: '2' } })).rejects.toThrow('belongs to no MCPServer');
    const marked = { metadata: { labels: LABELS, ownerReferences: [OWNER] } };
    await expect(guarded.client.patch(CONFIG_MAPS, foreign, marked)).rejects.toThrow(POLICY);
    await expect(guarded.client.delete(CONFIG_MAPS, foreign)).rejects.toThrow('belongs to no MCPServer');
    await parts.admin.delete(CONFIG_MAPS, foreign);
  });

  test('what consents to be adopted, by making it its own and not otherwise', async () => {
    const consenting = await existing({ annotations: { 'mcp.example.com/adopt-by': 'demo' } });
    await expect(guarded.client.patch(CONFIG_MAPS, consenting, { data: { a: '2' } })).rejects.toThrow('names no MCPServer as its owner');
    await expect(guarded.client.delete(CONFIG_MAPS, consenting)).rejects.toThrow('belongs to no MCPServer');
    await guarded.client.patch(CONFIG_MAPS, consenting, { metadata: { labels: { a: 'b' } } });
    await guarded.client.patch(CONFIG_MAPS, consenting, { metadata: { labels: LABELS, ownerReferences: [OWNER] }, data: { a: '2' } });
    await guarded.client.delete(CONFIG_MAPS, consenting);
  });

  test('nothing of which it takes the owner away', async () => {
    const mine = await existing({ labels: LABELS, ownerReferences: [OWNER] });
    await expect(guarded.client.patch(CONFIG_MAPS, mine, { metadata: { ownerReferences: null } })).rejects.toThrow('names no MCPServer as its owner');
    await guarded.client.delete(CONFIG_MAPS, mine);
  });

  test('nothing in a namespace that is not allowed, marked or not', async () => {
    const { metadata } = await parts.admin.create(CONFIG_MAPS, configMap(other, { labels: LABELS, annotations: { 'mcp.example.com/owner': `${other}/demo/1` } }));
    await expect(guarded.client.patch(CONFIG_MAPS, metadata, { data: { a: '2' } })).rejects.toThrow('no other namespaces');
    await expect(guarded.client.delete(CONFIG_MAPS, metadata)).rejects.toThrow('no other namespaces');
    await parts.admin.delete(CONFIG_MAPS, metadata);
  });
});

function event(regarding: object): object {
  return { eventTime: '2026-01-01T00:00:00.000000Z', type: 'Normal', reason: 'A', action: 'A', reportingController: 'a.example.com/b', reportingInstance: 'a', regarding };
}

describe('namespaces that carry a label', () => {
  const user = uniqueName('operator');
  // The guard of MCPServers would judge those of all other tests, too.
  const text = (): string => toText(guardManifests({ namespace: home, user }).filter(({ metadata }) => metadata.name.includes('writes')));

  test('are the ones the operator may write in, but for its own', async () => {
    await kubectl(['apply', '--server-side', '-f', '-'], { input: text() });
    const client = await clientAs(user);
    await eventually(async () => expect(await refusalOf(client, configMap(other))).toContain('mcp.example.com/servers=allowed'), { message: 'the guard' });
    expect(await refusalOf(client, configMap(labelled))).toBe('');
    expect(await refusalOf(client, configMap(home))).toContain('never in its own');
    expect(await refusalOf(client, configMap('kube-system'))).toContain("the cluster's");
    await kubectl(['label', 'namespace', labelled, 'mcp.example.com/servers=forbidden', '--overwrite']);
    await eventually(async () => expect(await refusalOf(client, configMap(labelled))).toContain(POLICY), { message: 'the other label' });
    client.close();
    await kubectl(['delete', '--wait=false', '-f', '-'], { input: text() });
  });
});

test('whoever else writes is not judged', async () => {
  const service = { metadata: { name: 'somebody', namespace: allowed }, spec: { ports: [{ port: 80 }], externalIPs: ['192.0.2.1'] } };
  expect(await refusalOf(parts.admin, service, SERVICES)).toBe('');
});
