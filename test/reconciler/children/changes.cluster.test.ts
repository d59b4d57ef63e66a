// What happens to children that are edited by hand, and when the spec is edited.
// The cases of one describe block edit one MCPServer in turn, each from where the one before left it.
import { describe, expect, test } from 'vitest';
import { render, type Manifest } from '../../../charts/render.ts';
import {
  CONFIG_MAPS,
  DEPLOYMENTS,
  NETWORK_POLICIES,
  POD_DISRUPTION_BUDGETS,
  resourcePath,
  SERVICES,
  SERVICE_ACCOUNTS,
  type KubernetesObject,
  type ResourceType,
} from '../../../kubernetes/objects.ts';
import { CHILD_TYPES, childType } from '../../../reconciler/kinds.ts';
import { eventually } from '../../support/cluster.ts';
import { writesBy } from '../../support/operator.ts';
import { ownedButNotRendered } from './owned-fields.ts';
import { useScene } from '../scene.ts';

const scene = useScene('changes');

/** What is there, by kind: exactly what is rendered from the spec, and all of it as rendered. */
async function expectConverged(name: string): Promise<void> {
  const { fleet } = scene;
  await eventually(async () => {
    const manifests = render(await fleet.read(name));
    const children = await fleet.children(name);
    expect(children.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted()).toEqual(
      manifests.map(({ kind, metadata }) => `${kind} ${metadata.name}`).toSorted(),
    );
    for (const manifest of manifests) expect(liveOf(children, manifest)).toMatchObject(manifest);
  }, { message: `the children of ${name} as rendered` });
}

function liveOf(children: readonly KubernetesObject[], { kind, metadata }: Manifest): KubernetesObject | undefined {
  return children.find((child) => child.kind === kind && child.metadata.name === metadata.name);
}

describe('a child changed by hand', () => {
  const NAME = 'handmade';
  const EDITED_CONTAINER = { name: 'mcp-server', image: 'example.com/evil:1', ports: [{ name: 'mcp', containerPort: 1 }], env: [{ name: 'POD_NAME', value: 'me' }] };
  const EDITS: Partial<Record<string, object>> = {
    ServiceAccount: { automountServiceAccountToken: true },
    ConfigMap: { data: { A: 'changed', 'config.json': null } },
    Service: { spec: { ports: [{ name: 'mcp', port: 9999, protocol: 'TCP', targetPort: 1 }], selector: { 'mcp.example.com/server': 'nobody' } } },
    Deployment: { spec: { replicas: 5, template: { spec: { terminationGracePeriodSeconds: 1, containers: [EDITED_CONTAINER] } } } },
    PodDisruptionBudget: { spec: { maxUnavailable: 0 } },
    NetworkPolicy: { spec: { podSelector: { matchLabels: { nobody: 'x' } }, policyTypes: ['Egress'], ingress: [{}] } },
    HorizontalPodAutoscaler: { spec: { maxReplicas: 9 } },
  };

  test('starts as rendered', async () => {
    await scene.fleet.create(NAME, {
      autoscaling: { maxReplicas: 2, targetCPUUtilizationPercentage: 80 },
      config: { A: '1' },
      networkPolicy: { ingressFrom: [], egressTo: [] },
    });
    expect((await scene.fleet.ready(NAME)).status?.readyReplicas).toBe(1);
    await expectConverged(NAME);
  });

  test.each(CHILD_TYPES.map((type): [string, ResourceType] => [type.kind, type]))('is created again when deleted: %s', async (kind, type) => {
    const { fleet } = scene;
    const { name, uid } = (await fleet.children(NAME)).find((child) => child.kind === kind)?.metadata ?? { name: `no ${kind}` };
    await fleet.client.delete(type, fleet.ref(name), { propagationPolicy: 'Background' });
    await eventually(async () => {
      const after = await fleet.find(type, name);
      expect(after?.metadata.uid).toBeDefined();
      expect(after?.metadata.uid).not.toBe(uid);
    });
    await fleet.ready(NAME);
    await expectConverged(NAME);
  });

  test.each(CHILD_TYPES.map((type): [string, ResourceType] => [type.kind, type]))('is restored when edited: %s', async (kind, type) => {
    const { fleet } = scene;
    const live = (await fleet.children(NAME)).find((child) => child.kind === kind);
    const edited = await fleet.client.patch<KubernetesObject>(type, live?.metadata ?? { name: '' }, EDITS[kind] ?? {}, {
      fieldManager: 'kubectl-edit',
    });
    expect(edited.metadata.resourceVersion).not.toBe(live?.metadata.resourceVersion);
    await expectConverged(NAME);
    await fleet.ready(NAME);
  });

  test('is restored when its labels or its owner are taken away', async () => {
    const { fleet } = scene;
    const ref = fleet.ref(NAME);
    await fleet.client.patch(SERVICE_ACCOUNTS, ref, { metadata: { labels: { 'mcp.example.com/server': null, 'app.kubernetes.io/managed-by': null } } });
    await fleet.client.patch(DEPLOYMENTS, ref, { metadata: { ownerReferences: null } });
    await expectConverged(NAME);
    await eventually(async () => {
      expect((await fleet.find(DEPLOYMENTS, NAME))?.metadata.ownerReferences).toMatchObject([{ kind: 'MCPServer', name: NAME, controller: true }]);
    });
  });

  test('keeps fields that another field manager added', async () => {
    const { fleet } = scene;
    const ref = fleet.ref(NAME);
    const foreign = { metadata: { ...ref, annotations: { 'example.com/note': 'mine' }, labels: { team: 'a' } } };
    await fleet.client.apply(SERVICES, foreign, { fieldManager: 'another' });
    await fleet.client.apply(
      DEPLOYMENTS,
      { ...foreign, spec: { template: { metadata: { annotations: { 'example.com/note': 'mine' } } } } } as KubernetesObject,
      { fieldManager: 'another' },
    );
    await fleet.edit(NAME, { config: { A: '2' } });
    await fleet.ready(NAME);
    await expectConverged(NAME);
    expect((await fleet.find(SERVICES, NAME))?.metadata).toMatchObject(foreign.metadata);
    expect(await fleet.find(DEPLOYMENTS, NAME)).toMatchObject({
      ...foreign,
      spec: { template: { metadata: { annotations: { 'example.com/note': 'mine' } } } },
    });
  });
});

const inPod = (spec: object): object => ({ spec: { template: { spec } } });

describe('an addition by hand to an atomic field', () => {
  const NAME = 'added';
  const SPEC = {
    replicas: 2,
    config: { A: '1' },
    networkPolicy: { ingressFrom: [{ podSelector: {} }], egressTo: [] },
    env: [{ name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } }],
    envFrom: [{ secretRef: { name: 'tokens', optional: true } }],
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    tolerations: [{ key: 'dedicated', operator: 'Exists' as const }],
    probes: { readiness: { httpGet: { path: '/', port: 'mcp', httpHeaders: [{ name: 'X-A', value: '1' }] } } },
  };
  const inContainer = (fields: object): object => inPod({ containers: [{ name: 'mcp-server', ...fields }] });
  const inEnv = (name: string, valueFrom: object): object => inContainer({ env: [{ name, valueFrom }] });
  const EDITS: [string, ResourceType, object][] = [
    ['the selector of the Service', SERVICES, { spec: { selector: { extra: 'x' } } }],
    ['the pods of the NetworkPolicy', NETWORK_POLICIES, { spec: { podSelector: { matchLabels: { extra: 'x' } } } }],
    ['the rules of the NetworkPolicy', NETWORK_POLICIES, { spec: { ingress: [{}] } }],
    ['the selector of the PodDisruptionBudget', POD_DISRUPTION_BUDGETS, { spec: { selector: { matchLabels: { extra: 'x' } } } }],
    ['a configMapKeyRef', DEPLOYMENTS, inEnv('A', { configMapKeyRef: { optional: true } })],
    ['a resourceFieldRef', DEPLOYMENTS, inEnv('CPU', { resourceFieldRef: { divisor: '1m' } })],
    ['envFrom', DEPLOYMENTS, inContainer({ envFrom: [{ prefix: 'X_', secretRef: { name: 'tokens', optional: true } }] })],
    ['the headers of a probe', DEPLOYMENTS, inContainer({ readinessProbe: { httpGet: { httpHeaders: [{ name: 'X-A', value: '1' }, { name: 'X-B', value: '1' }] } } })],
    ['the nodeSelector', DEPLOYMENTS, inPod({ nodeSelector: { extra: 'x' } })],
    ['a toleration', DEPLOYMENTS, inPod({ tolerations: [{ key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' }] })],
    [
      'a term of the affinity',
      DEPLOYMENTS,
      inPod({ affinity: { podAntiAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [withNamespaces(NAME)] } } }),
    ],
    [
      'the labels of a spread constraint',
      DEPLOYMENTS,
      inPod({
        topologySpreadConstraints: [{ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels: { extra: 'x' } } }],
      }),
    ],
  ];

  test('starts from a spec with such fields', async () => {
    await scene.fleet.create(NAME, SPEC);
    expect((await scene.fleet.ready(NAME)).status?.readyReplicas).toBe(2);
    await expectConverged(NAME);
  });

  test.each(EDITS)('is taken away again: %s', async (_name, type, edit) => {
    const { fleet } = scene;
    await fleet.ready(NAME);
    const before = await fleet.find(type, NAME);
    const edited = await strategicPatch(type, NAME, edit);
    expect(specOf(edited)).not.toEqual(specOf(before));
    await eventually(async () => expect(specOf(await fleet.find(type, NAME))).toEqual(specOf(before)));
  });
});

function withNamespaces(name: string): object {
  const labelSelector = { matchLabels: { 'mcp.example.com/server': name } };
  return { weight: 100, podAffinityTerm: { topologyKey: 'kubernetes.io/hostname', labelSelector, namespaces: ['x'] } };
}

/** What `kubectl patch` does: lists with keys are merged by them. */
async function strategicPatch(type: ResourceType, name: string, patch: object): Promise<KubernetesObject> {
  const { client } = scene.fleet;
  const path = resourcePath(type, scene.fleet.ref(name));
  const headers = { 'content-type': 'application/strategic-merge-patch+json' };
  const { status, body } = await client.request('PATCH', path, { query: { fieldManager: 'kubectl-patch' }, headers, body: JSON.stringify(patch) });
  expect([status, status === 200 || body.toString()]).toEqual([200, true]);
  return JSON.parse(body.toString()) as KubernetesObject;
}

function specOf(object: KubernetesObject | undefined): unknown {
  return (object as { spec?: unknown } | undefined)?.spec;
}

describe('an edit of the spec', () => {
  const NAME = 'edited';
  type Step = [string, Parameters<typeof scene.fleet.edit>[1]];
  const STEPS: Step[] = [
    ['another image', { image: 'example.com/server:2' }],
    ['another port', { port: 9090 }],
    ['http', { transport: 'http' }],
    ['stdio', { transport: 'stdio', command: ['/server'] }],
    ['streamable-http, from stdio', { transport: 'streamable-http', command: null }],
    ['stdio, from streamable-http', { transport: 'stdio', command: ['/server'] }],
    ['http, from stdio', { transport: 'http', command: null }],
    ['more replicas', { replicas: 3 }],
    ['one replica', { replicas: 1 }],
    ['config', { config: { A: '1', B: '2' } }],
    ['other config', { config: { A: '2', B: null } }],
    ['no config', { config: null }],
    ['env', { env: [{ name: 'X', value: '1' }, { name: 'Y', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }],
    ['env with value in place of valueFrom', { env: [{ name: 'Y', value: '1' }, { name: 'X', valueFrom: { fieldRef: { fieldPath: 'metadata.uid' } } }] }],
    ['no env', { env: null }],
    ['an own ServiceAccount', { serviceAccount: 'default' }],
    ['no own ServiceAccount', { serviceAccount: null }],
    ['resources', { resources: { limits: { memory: '1024Mi' }, requests: { cpu: '0.25' } } }],
    ['no security defaults', { securityProfile: 'None' }],
    ['user and group of the image', { securityProfile: 'ImageUser' }],
    ['the safe defaults again', { securityProfile: 'Restricted' }],
    ['command and args', { command: ['/server'], args: ['--fast'] }],
    ['several things at once', { args: null, command: null, image: 'example.com/server:3', port: 8080, transport: 'streamable-http', config: { C: '1' }, replicas: 2 }],
  ];

  test('starts with the smallest spec', async () => {
    await scene.fleet.create(NAME);
    expect((await scene.fleet.ready(NAME)).status?.readyReplicas).toBe(1);
  });

  test.each(STEPS)('converges without leftovers: %s', async (_name, spec) => {
    const { fleet } = scene;
    const uid = (await fleet.find(DEPLOYMENTS, NAME))?.metadata.uid;
    await fleet.edit(NAME, spec);
    await fleet.ready(NAME);
    await expectConverged(NAME);
    const deployment = await fleet.find(DEPLOYMENTS, NAME);
    expect(deployment?.metadata.uid).toBe(uid);
    await expectOnlyRendered(NAME);
  });

  test('of all fields ends as a fresh MCPServer with that spec would', async () => {
    const { fleet } = scene;
    const { spec } = await fleet.read(NAME);
    await fleet.create('fresh', spec);
    await fleet.ready('fresh');
    for (const type of [DEPLOYMENTS, SERVICES, CONFIG_MAPS]) {
      const suffix = type === CONFIG_MAPS ? '-config' : '';
      const [edited, fresh] = await Promise.all([fleet.find(type, NAME + suffix), fleet.find(type, `fresh${suffix}`)]);
      expect(essence(edited, NAME)).toEqual(essence(fresh, 'fresh'));
    }
  });
});

/** The API server's record of what the operator applied names nothing that is not rendered. */
async function expectOnlyRendered(name: string): Promise<void> {
  const manifests = render(await scene.fleet.read(name));
  for (const child of await scene.fleet.children(name)) {
    const manifest = manifests.find(({ kind, metadata }) => kind === child.kind && metadata.name === child.metadata.name);
    if (manifest === undefined) throw new Error(`${child.kind} ${child.metadata.name} is a leftover`);
    expect(ownedButNotRendered(child, manifest)).toEqual([]);
  }
}

/** Spec and data of a child, its MCPServer's name replaced. */
function essence(object: KubernetesObject | undefined, name: string): unknown {
  const { spec, data } = object as KubernetesObject & { spec?: Record<string, unknown>; data?: object };
  const { clusterIP: _ip, clusterIPs: _ips, ...rest } = spec ?? {};
  return JSON.parse(JSON.stringify({ rest, data }).replaceAll(name, 'NAME')) as unknown;
}

describe('what the operator applied', () => {
  test('equals what is rendered field by field, and reconciling again writes nothing', async () => {
    const { fleet, operator } = scene;
    await fleet.create('equal', { replicas: 2, config: { A: '1' }, env: [{ name: 'X', value: '1' }], resources: { limits: { cpu: '1' } } });
    await fleet.ready('equal');
    await expectConverged('equal');
    await expectOnlyRendered('equal');
    const versions = async (): Promise<unknown[]> =>
      (await fleet.children('equal')).filter(({ kind }) => kind !== 'Service').map(({ kind, metadata }) => [kind, metadata.resourceVersion]);
    const [before, writes] = [await versions(), (await writesBy(operator.userAgent)).length];
    for (let round = 0; round < 10; round += 1) {
      await fleet.client.patch(childType({ apiVersion: 'v1', kind: 'Service' }), fleet.ref('equal'), {
        metadata: { annotations: { 'example.com/round': String(round) } },
      });
    }
    await fleet.create('later');
    await fleet.ready('later');
    expect(await versions()).toEqual(before);
    const since = (await writesBy(operator.userAgent)).slice(writes);
    expect(since.filter(({ objectRef }) => objectRef?.name?.startsWith('equal'))).toEqual([]);
  });
});
