// An upgrade of the operator meets objects of an earlier version. Running servers must not notice. earlier-manifests.json holds
// what version 0.1.0 rendered before most fields of the spec existed; earlier-objects.json what the operator of commit 0bb6f8d
// had stored at rest: it ran in a namespace of its own, and all that was there was read as JSON, without resourceVersion.
import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { resolveSpec } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { UNOBSERVED_STATUS } from '../../charts/api/status.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { referencesOf, type Reference } from '../../charts/references.ts';
import { apiVersionOf, CONFIG_MAPS, DEPLOYMENTS, REPLICA_SETS, SECRETS, SERVICE_ACCOUNTS, SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { CHILD_TYPES, childType, MCP_SERVERS } from '../../reconciler/kinds.ts';
import { withOwner } from '../../reconciler/children/ownership.ts';
import { APPLIED_HASH_ANNOTATION, FIELD_MANAGER } from '../../reconciler/compare/our-fields.ts';
import { eventually, uniqueName, type AuditEvent } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
import earlierManifests from '../support/earlier-manifests.json' with { type: 'json' };
import earlierObjects from '../support/earlier-objects.json' with { type: 'json' };
import { writesBy } from '../support/operator.ts';
import { mcpServer, renderSpec } from '../support/rendered.ts';
import { store } from '../support/stored-objects.ts';
import { useScene } from './scene.ts';

interface Stored extends KubernetesObject {
  readonly spec?: object;
}

/** The parts of a Deployment that are compared. */
interface Templated {
  readonly spec: {
    readonly template: {
      readonly spec: Readonly<Record<'volumes' | 'initContainers', readonly Readonly<Record<string, unknown>>[] | undefined>> & {
        readonly containers: readonly Readonly<Record<string, unknown>>[];
      };
    };
  };
}

const EARLIER = earlierManifests as unknown as { name: string; spec: MCPServerSpec; manifests: Manifest[] }[];
/** Owners first, for garbage collection asks for them. */
const STORED = earlierObjects as unknown as Stored[];
const SERVERS = STORED.filter(({ kind }) => kind === 'MCPServer') as (Stored & { spec: MCPServerSpec })[];
const TYPES = new Map([MCP_SERVERS, SECRETS, ...CHILD_TYPES].map((type) => [`${apiVersionOf(type)} ${type.kind}`, type]));

const scene = useScene('upgrade', { namespace: SERVERS[0]?.metadata.namespace ?? '' });

/** Servers that get a bridge, which nobody had before. */
const isBridged = ({ spec }: { readonly spec: MCPServerSpec }): boolean => spec.transport === 'stdio';

test.each(EARLIER.filter((each) => !isBridged(each)))('what was rendered for $name is rendered still', ({ name, spec, manifests }) => {
  expect(render(mcpServer(spec, { name, namespace: undefined }))).toEqual(manifests);
});

test.each(EARLIER.filter(isBridged))('$name, which speaks stdio, gets its bridge and a Service, and is what it was besides', ({ name, spec, manifests }) => {
  const [account, service, peers, deployment] = render(mcpServer(spec, { name, namespace: undefined }));
  const before = manifests.find(({ kind }) => kind === 'Deployment') as unknown as Templated;
  expect([account, service?.kind, peers?.kind]).toEqual([manifests[0], 'Service', 'Service']);
  const { volumes = [], initContainers = [], containers: [container], ...pod } = (deployment as unknown as Templated).spec.template.spec;
  const { volumes: earlierVolumes = [], containers: [earlier], ...earlierPod } = before.spec.template.spec;
  expect([initContainers.map((each) => each['name']), volumes.slice(0, -1), pod]).toEqual([['stdio-bridge'], earlierVolumes, earlierPod]);
  const { command, env, volumeMounts, ports: _ports, startupProbe: _startup, readinessProbe: _readiness, ...rest } = container ?? {};
  expect((command as string[]).slice(-2)).toEqual(['--', '/server']);
  const without = { env: (env as object[]).slice(1), volumeMounts: (volumeMounts as object[]).slice(0, -1), command: ['/server'] };
  expect({ ...rest, ...without }).toEqual(earlier);
});

test('two folders of one claim, as could be said before, stay two volumes, and /tmp stays the folder it was', () => {
  const claim = { claimName: 'data' };
  const storage = ['/a', '/b'].map((mountPath) => ({ mountPath, persistentVolumeClaim: claim }));
  expect(renderSpec({ storage }).pod['volumes']).toEqual([
    { name: 'tmp', emptyDir: { sizeLimit: '128Mi' } },
    { name: 'storage-6a50dc85', persistentVolumeClaim: claim },
    { name: 'storage-9812b0b9', persistentVolumeClaim: claim },
  ]);
});

test('no object is touched that the operator before left as it wanted, but those of stdio servers, which get their bridge', async () => {
  const { fleet, operator, namespace } = scene;
  await operator.stop();
  for (const object of STORED) {
    const type = TYPES.get(`${object.apiVersion} ${object.kind}`);
    if (type === undefined) throw new Error(`no type for ${object.apiVersion} ${object.kind}`);
    await store(type, object);
  }
  await rested(SERVERS.map(({ metadata }) => metadata));
  const { items } = await fleet.client.list(REPLICA_SETS, { namespace });
  const owners = items.map(({ metadata }) => metadata.ownerReferences?.[0]?.name ?? '');
  const bridged = SERVERS.filter(isBridged).map(({ metadata }) => metadata.name);
  // A ReplicaSet more is a pod that was replaced.
  const expected = [...SERVERS.map(({ metadata }) => metadata.name), ...bridged].toSorted();
  expect(owners.filter((name) => !name.startsWith('later-')).toSorted()).toEqual(expected);
  const untouched = STORED.filter(({ kind, metadata }) => kind === 'Deployment' && !bridged.includes(metadata.name));
  for (const { metadata: { name, uid, annotations }, spec } of untouched) {
    const live = await fleet.find<Stored>(DEPLOYMENTS, name);
    // How many pods an autoscaler wants is its own affair.
    const scaled = STORED.some(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === name) && { replicas: 'any' };
    expect([live?.metadata.uid, live?.metadata.annotations]).toEqual([uid, annotations]);
    expect({ ...live?.spec, ...scaled }).toEqual({ ...spec, ...scaled });
  }
  const writes = onObjects(await eventually(() => writesBy(scene.operator.userAgent))).filter((write) => !write.includes(' later-'));
  expect(bridged).toEqual(['stdio']);
  expect(writes).toEqual(['deployments stdio mcp-operator', 'services stdio mcp-operator', 'services stdio-mcp-peers mcp-operator']);
});

test('objects with the hash of another algorithm, and without references on record, are applied once, and no pod is replaced', async () => {
  const { fleet, namespace } = scene;
  await scene.operator.stop();
  await createAll(EARLIER.flatMap(({ name, spec }) => referencesOf({ name, spec: resolveSpec(name, spec) })));
  // Under other names than the stored ones: what they render to is what was rendered earlier, as the test above shows.
  const servers = EARLIER.map(({ name: earlier, spec }) => {
    const name = `old-${earlier}`;
    return { name, spec, manifests: render(mcpServer(spec, { name, namespace })) };
  });
  for (const { name, spec, manifests } of servers) {
    // Where the server of this test answers; nothing is rendered from it.
    const server = await fleet.create(name, { ...spec, path: '/mcp' });
    for (const manifest of manifests) {
      const owned = withOwner(manifest, server);
      Object.assign(owned.metadata.annotations ?? {}, { [APPLIED_HASH_ANNOTATION]: 'of-another-algorithm' });
      await fleet.client.apply(childType(owned), owned, { fieldManager: FIELD_MANAGER, force: true });
    }
  }
  const specs = (): Promise<unknown[]> => Promise.all(servers.map(async ({ name }) => (await fleet.find<Stored>(DEPLOYMENTS, name))?.spec));
  const before = await specs();
  expect(before).not.toContain(undefined);
  await rested(servers);
  expect(await specs()).toEqual(before);
  const { items } = await fleet.client.list(REPLICA_SETS, { namespace });
  expect(items.filter(({ metadata }) => metadata.name.startsWith('old-'))).toHaveLength(servers.length);
  const written = onObjects(await eventually(() => writesBy(scene.operator.userAgent))).filter((write) => write.includes(' old-'));
  const applied = servers.flatMap(({ manifests }) => manifests.map((manifest) => `${childType(manifest).plural} ${manifest.metadata.name} mcp-operator`));
  // What they refer to goes on record, beside the pod template.
  const referred = ({ name, spec }: (typeof servers)[number]): Reference[] => referencesOf({ name, spec: resolveSpec(name, spec) });
  const referring = servers.filter((server) => referred(server).some(({ keys }) => keys.length > 0));
  expect(written).toEqual([...applied, ...referring.map(({ name }) => `deployments ${name} mcp-operator-runtime`)].toSorted());
});

test('an MCPServer that refers to more objects than may be runs on and is repaired, and says which changes go unseen', async () => {
  const { fleet, namespace } = scene;
  const env = Array.from({ length: 90 }, (_, index) => ({
    name: `V${index}`, valueFrom: { configMapKeyRef: { name: `c${String(index).padStart(2, '0')}`, key: 'k', optional: true } },
  }));
  await fleet.create('many', { env });
  const server = await fleet.ready('many');
  const message = conditionOf(server, 'ConfigurationValid')?.message;
  expect(message).toContain('The spec refers to more than 64 objects, so the operator does not see changes of ConfigMap c64, ConfigMap c65,');
  expect(message).toMatch(/ConfigMap c83, and 6 more\.$/);
  await fleet.client.delete(SERVICES, { namespace, name: 'many' });
  await eventually(async () => expect(await fleet.find(SERVICES, 'many')).toBeDefined());
});

test('an MCPServer that breaks the rules about header and path, for it is older than they are, runs on, is repaired, and may be edited', async () => {
  const { fleet, namespace, server } = scene;
  const name = 'later-rules';
  const verification = { credentialsSecretRef: { name: 'tokens', key: 'token' }, header: 'X-Forwarded-For' };
  const metadata = { name, namespace, uid: randomUUID(), creationTimestamp: '2026-11-28T22:27:22Z', generation: 1 };
  const spec = { image: 'example.com/server:1', path: '/a/..//../mcp', verification };
  await store(MCP_SERVERS, { apiVersion: apiVersionOf(MCP_SERVERS), kind: MCP_SERVERS.kind, metadata, spec } as Stored);
  const { status } = await fleet.ready(name);
  expect(status?.endpoint).toMatch(/:8080\/a\/\.\.\/\/\.\.\/mcp$/);
  const configuration = status?.conditions?.find(({ type }) => type === 'ConfigurationValid');
  const message = /Later came: spec\.path: .*; until then it is asked as.* Later came: spec\.verification\.header: .*; until then the handshake goes without credentials\./;
  expect([configuration?.status, configuration?.message]).toEqual(['True', expect.stringMatching(message)]);
  expect(server.requests.filter(({ headers }) => headers['x-forwarded-for'] !== undefined)).toEqual([]);
  const before = await fleet.find(SERVICES, name);
  await fleet.client.delete(SERVICES, fleet.ref(name));
  await eventually(async () => expect((await fleet.find(SERVICES, name))?.metadata.uid).not.toBe(before?.metadata.uid));
  await fleet.edit(name, { replicas: 2 });
  await eventually(async () => expect((await fleet.ready(name)).status?.readyReplicas).toBe(2));
  await expect(fleet.edit(name, { path: '/b/../mcp' })).rejects.toThrow('path cannot have segments');
});

test('MCPServers that no operator has seen say so without being written, and begin with its first look', async () => {
  const { fleet, namespace } = scene;
  await scene.operator.stop();
  // As they were created, and as an edit stored what was the default before.
  const before = { observedGeneration: -1, phase: 'Pending' };
  const [created, edited] = [uniqueName('created'), uniqueName('edited')];
  for (const [name, status] of [[created, {}], [edited, { status: before }]] as const) {
    const metadata = { name, namespace, uid: randomUUID(), creationTimestamp: '2026-11-28T22:27:22Z', generation: 1 };
    const spec = { image: 'example.com/server:1' };
    await store(MCP_SERVERS, { apiVersion: apiVersionOf(MCP_SERVERS), kind: MCP_SERVERS.kind, metadata, spec, ...status } as Stored);
  }
  expect([(await fleet.read(created)).status, (await fleet.read(edited)).status]).toEqual([UNOBSERVED_STATUS, before]);
  await scene.restart();
  for (const name of [created, edited]) {
    const conditions = (await fleet.ready(name)).status?.conditions ?? [];
    expect(conditions.filter(({ type }) => type === 'Ready')).toEqual([expect.objectContaining({ reason: 'Verified', observedGeneration: 1 })]);
    expect(conditions.filter(({ lastTransitionTime }) => lastTransitionTime.startsWith('1970'))).toEqual([]);
  }
});

test('an MCPServer with too little memory runs on, says so, and may be edited elsewhere', async () => {
  const { fleet, namespace } = scene;
  const name = uniqueName('tiny');
  const metadata = { name, namespace, uid: randomUUID(), creationTimestamp: '2026-11-28T22:27:22Z', generation: 1 };
  const spec = { image: 'example.com/server:1', resources: { limits: { memory: '512m' } } };
  await store(MCP_SERVERS, { apiVersion: apiVersionOf(MCP_SERVERS), kind: MCP_SERVERS.kind, metadata, spec } as Stored);
  expect(conditionOf(await fleet.ready(name), 'ConfigurationValid')).toMatchObject({
    status: 'True',
    message: expect.stringMatching(/Later came: spec\.resources\.limits: limits\.memory is less than 4Mi, .*was Mi meant.*; until then pods get what is written\./),
  });
  await fleet.edit(name, { replicas: 2 });
  await eventually(async () => expect((await fleet.ready(name)).status?.readyReplicas).toBe(2));
  await expect(fleet.edit(name, { resources: { limits: { memory: '513m' } } })).rejects.toThrow('was Mi meant, as in 512Mi?): write it with its unit (513m)');
});

/** Starts the operator of today and waits until all MCPServers are as they will stay, and one that came after them too. */
async function rested(servers: readonly { readonly name: string }[]): Promise<void> {
  await scene.restart();
  // Some are Ready from before: this one shows that the operator is through with all it found.
  const later = uniqueName('later');
  await scene.fleet.create(later);
  await scene.fleet.ready(later);
  for (const { name } of servers) await scene.fleet.ready(name);
}

/**
 * Writes of an operator on other objects than status and Events, dry runs apart. One that meets a status that moves just
 * then is written again at the next attempt.
 */
function onObjects(writes: readonly AuditEvent[]): string[] {
  const real = writes.filter(({ requestURI, responseStatus }) => !requestURI.includes('dryRun=') && responseStatus?.code !== 409);
  const some = real.filter(({ objectRef }) => objectRef?.subresource !== 'status' && objectRef?.resource !== 'events');
  return some.map(({ objectRef, requestURI }) => `${objectRef?.resource} ${objectRef?.name} ${/fieldManager=([^&]*)/.exec(requestURI)?.[1]}`).toSorted();
}

/** Secrets and ConfigMaps with the keys that pods wait for, and ServiceAccounts. */
async function createAll(references: readonly Reference[]): Promise<void> {
  const types = { Secret: SECRETS, ConfigMap: CONFIG_MAPS, ServiceAccount: SERVICE_ACCOUNTS };
  for (const { kind, name, requiredKeys } of references) {
    const data = Object.fromEntries(requiredKeys.map((key) => [key, '']));
    const object = { metadata: scene.fleet.ref(name), ...(kind !== 'ServiceAccount' && { data }) };
    await scene.fleet.client.apply(types[kind], object, { fieldManager: 'owner' });
  }
}
