import { expect, test } from 'vitest';
import { selectorLabels } from '../../../charts/api/labels.ts';
import { CONFIG_MAPS, DEPLOYMENTS, SERVICES, SERVICE_ACCOUNTS, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { eventually, isWrite } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { requestsAbout } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

const scene = useScene('conflicts');

interface Spec extends KubernetesObject {
  readonly spec?: object;
}

function foreign(name: string, labels: Record<string, string> = {}): Spec {
  const pods = { app: name };
  const template = { metadata: { labels: pods }, spec: { containers: [{ name: 'c', image: 'example.com/other:1' }] } };
  return { metadata: { name, namespace: scene.namespace, labels }, spec: { replicas: 0, selector: { matchLabels: pods }, template } };
}

/** The object after its own controller has written what it wants to. */
function settled(type: ResourceType, name: string): Promise<KubernetesObject | undefined> {
  return eventually(async () => {
    const object = await scene.fleet.find<Spec & { status?: { observedGeneration?: number } }>(type, name);
    if (type === DEPLOYMENTS && object?.status?.observedGeneration === undefined) throw new Error('not observed yet');
    return object;
  });
}

test.each<[string, Record<string, string>, string[]]>([
  ['without labels, and what was created before that was found out stays', {}, ['ServiceAccount', 'ConfigMap', 'Service']],
  ['with the labels of a child, and nothing is created', { ...selectorLabels('labelled'), 'app.kubernetes.io/managed-by': 'mcp-operator' }, []],
])('a foreign Deployment of the same name is left alone, %s; it heals when that goes', async (_name, labels, created) => {
  const { fleet } = scene;
  const name = Object.keys(labels).length > 0 ? 'labelled' : 'plain';
  await fleet.client.create(DEPLOYMENTS, foreign(name, labels));
  const before = await settled(DEPLOYMENTS, name);
  await fleet.create(name, { config: { A: '1' } });
  const server = await fleet.until(name, 'Stalled', ['True', 'NameConflict']);
  expect(server.status?.phase).toBe('Failed');
  const message = `Not managed by this MCPServer, and left alone: Deployment ${name} (no owner named on it). Rename the MCPServer, delete what is in its way, or hand it over by annotating it with mcp.example.com/adopt-by=${name}.`;
  expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'NameConflict', message });
  await fleet.client.patch(MCP_SERVERS, fleet.ref(name), { metadata: { annotations: { look: 'again' } } });
  await fleet.edit(name, { port: 9090 });
  await fleet.until(name, 'Stalled', ['True', 'NameConflict']);
  expect(await fleet.find(DEPLOYMENTS, name)).toEqual(before);
  const others = (await fleet.children(name)).filter(({ metadata }) => metadata.uid !== before?.metadata.uid);
  expect(others.map(({ kind }) => kind)).toEqual(created);

  await fleet.client.delete(DEPLOYMENTS, fleet.ref(name));
  const healed = await fleet.ready(name);
  expect(conditionOf(healed, 'Stalled')).toBeUndefined();
  expect(healed.status?.endpoint).toContain(':9090/mcp');
});

test.each<{ type: ResourceType; name: string; childName: string; content: object; created: string[] }>([
  { type: SERVICES, name: 'taken', childName: 'taken', content: { spec: { ports: [{ port: 80 }] } }, created: ['ServiceAccount taken', 'ConfigMap taken-config'] },
  { type: CONFIG_MAPS, name: 'mapped', childName: 'mapped-config', content: { data: { mine: '1' } }, created: ['ServiceAccount mapped'] },
])('a foreign $type.kind of the same name stalls the MCPServer, too, before anything runs', async ({ type, name, childName, content, created }) => {
  const { fleet } = scene;
  await fleet.client.create(type, { metadata: { name: childName, namespace: scene.namespace }, ...content });
  const before = await fleet.find(type, childName);
  await fleet.create(name, { config: { A: '1' } });
  const server = await fleet.until(name, 'Stalled', ['True', 'NameConflict']);
  expect(conditionOf(server, 'Ready')?.message).toContain(`left alone: ${type.kind} ${childName}`);
  expect(await fleet.childNames(name)).toEqual(created);
  expect(await fleet.find(type, childName)).toEqual(before);
  await fleet.client.delete(type, fleet.ref(childName));
  await fleet.ready(name);
});

test('all names that are taken are named at once, and are looked at from then on, not written to', async () => {
  const { fleet } = scene;
  await fleet.client.create(SERVICES, { metadata: fleet.ref('twice'), spec: { ports: [{ port: 80 }] } } as KubernetesObject);
  await fleet.client.create(DEPLOYMENTS, foreign('twice'));
  await fleet.create('twice');
  const server = await fleet.until('twice', 'Stalled', ['True', 'NameConflict']);
  expect(conditionOf(server, 'Ready')?.message).toContain('left alone: Service twice (no owner named on it), Deployment twice (no owner named on it).');
  const { userAgent } = scene.operator;
  const sent = async (verb: string): Promise<number> => (await requestsAbout('twice', userAgent)).filter((event) => event.verb === verb).length;
  const looked = await sent('get');
  expect(await sent('patch')).toBe(2);
  await eventually(async () => expect(await sent('get')).toBeGreaterThanOrEqual(looked + 4), { timeoutMs: 60_000 });
  await scene.restart();
  const { userAgent: next } = scene.operator;
  await eventually(async () => expect((await requestsAbout('twice', next)).map(({ verb }) => verb)).toContain('get'));
  expect((await requestsAbout('twice', next)).filter(isWrite)).toEqual([]);
});

test('an object controlled by another MCPServer is not taken over, whatever it is annotated with', async () => {
  const { fleet } = scene;
  const { apiVersion, kind, metadata } = await fleet.create('owner');
  const ownerReferences = [{ apiVersion, kind, name: 'owner', uid: metadata.uid, controller: true }];
  const annotations = { 'mcp.example.com/adopt-by': 'meets' };
  await fleet.client.create(SERVICE_ACCOUNTS, { metadata: { ...fleet.ref('meets'), ownerReferences, annotations } });
  await fleet.create('meets');
  const server = await fleet.until('meets', 'Stalled', ['True', 'NameConflict']);
  expect(conditionOf(server, 'Ready')?.message).toContain('ServiceAccount meets (owned by MCPServer owner)');
});

test('a foreign object that consents by annotation is adopted and becomes as rendered', async () => {
  const { fleet } = scene;
  const annotations = { 'mcp.example.com/adopt-by': 'adopter' };
  const service = {
    metadata: { ...fleet.ref('adopter'), annotations },
    spec: { ports: [{ name: 'mcp', port: 8080, targetPort: 1 }], selector: { app: 'old' } },
  };
  const { metadata } = await fleet.client.create<Spec>(SERVICES, service);
  await fleet.create('adopter');
  const server = await fleet.ready('adopter');
  const adopted = await fleet.find<Spec>(SERVICES, 'adopter');
  expect(adopted?.metadata.uid).toBe(metadata.uid);
  expect(adopted?.metadata.ownerReferences).toEqual([
    { apiVersion: server.apiVersion, kind: server.kind, name: 'adopter', uid: server.metadata.uid, controller: true },
  ]);
  expect(adopted?.spec).toMatchObject({ ports: [{ name: 'mcp', port: 8080, targetPort: 'mcp' }], selector: selectorLabels('adopter') });
});

test('a consenting Service whose ports contradict what is rendered is adopted all the same, once', async () => {
  const { fleet } = scene;
  const annotations = { 'mcp.example.com/adopt-by': 'unnamed' };
  const { metadata } = await fleet.client.create<Spec>(SERVICES, {
    metadata: { ...fleet.ref('unnamed'), annotations },
    spec: { ports: [{ port: 80 }], selector: { app: 'old' } },
  });
  await fleet.create('unnamed');
  await fleet.ready('unnamed');
  const adopted = await fleet.find<Spec>(SERVICES, 'unnamed');
  expect(adopted?.metadata.uid).toBe(metadata.uid);
  expect(adopted?.spec).toMatchObject({ ports: [{ name: 'mcp', port: 8080 }], selector: selectorLabels('unnamed') });
});

test('a consenting Deployment with another selector is not changed; the status names the field and the way out, and following it heals', async () => {
  const { fleet } = scene;
  const object = foreign('immutable');
  await fleet.client.create(DEPLOYMENTS, { ...object, metadata: { ...object.metadata, annotations: { 'mcp.example.com/adopt-by': 'immutable' } } });
  await fleet.create('immutable');
  const server = await fleet.until('immutable', 'Stalled', ['True', 'ImmutableField']);
  expect(conditionOf(server, 'Ready')?.message).toMatch(/cannot change spec\.selector of an existing object .* Delete that object, and it is created anew/);
  expect((await fleet.find<Spec>(DEPLOYMENTS, 'immutable'))?.spec).toMatchObject({ selector: { matchLabels: { app: 'immutable' } } });
  // That the name is taken is found out once.
  const { userAgent } = scene.operator;
  const answered = async (code: number): Promise<number> => {
    const events = await requestsAbout('immutable', userAgent);
    return events.filter(({ objectRef, responseStatus }) => objectRef?.resource === 'deployments' && responseStatus?.code === code).length;
  };
  await eventually(async () => expect(await answered(422)).toBeGreaterThanOrEqual(3), { timeoutMs: 60_000 });
  expect(await answered(409)).toBe(1);
  await fleet.client.delete(DEPLOYMENTS, fleet.ref('immutable'));
  // A Deployment without our labels is not watched: the next look is at the next event, or after half a minute.
  await fleet.edit('immutable', { port: 9090 });
  expect((await fleet.ready('immutable')).status?.endpoint).toContain(':9090/mcp');
});

test('what others added to an object survives a spec that the API server refuses for itself', async () => {
  const { fleet } = scene;
  await fleet.create('spared');
  await fleet.ready('spared');
  const annotations = { 'kubectl.kubernetes.io/restartedAt': '2030-01-01T00:00:00Z' };
  await fleet.client.patch(DEPLOYMENTS, fleet.ref('spared'), { spec: { template: { metadata: { annotations } } } }, { fieldManager: 'kubectl-rollout' });
  await fleet.edit('spared', { env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }] });
  await fleet.until('spared', 'Stalled', ['True', 'InvalidSpec']);
  await fleet.edit('spared', { env: [{ name: 'A', value: '1' }] });
  await fleet.ready('spared');
  expect((await fleet.find<Spec>(DEPLOYMENTS, 'spared'))?.spec).toMatchObject({ template: { metadata: { annotations } } });
});
