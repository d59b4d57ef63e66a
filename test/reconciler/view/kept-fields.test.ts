// What the caches keep of objects is enough for everyone who judges them, whatever else the objects hold.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectorLabels } from '../../../charts/api/labels.ts';
import { keptChild, keptDeployment, keptEndpointSlice, keptPod } from '../../../reconciler/view/kept-fields.ts';
import type { DeploymentObject, PodObject } from '../../../reconciler/kinds.ts';
import { podTrouble } from '../../../reconciler/status/pod-troubles.ts';
import { rolloutOf } from '../../../reconciler/status/rollout.ts';
import { volumeHeld } from '../../../reconciler/status/volume-held.ts';
import { judgementsOf, MUCH_LATER } from './pod-judgements.ts';
import { DEADLINE, NOW, ONCE_COMPLETE, deploymentObject } from '../status/situations.ts';

/** Fields nobody asked for. */
const FOREIGN = [
  {},
  { image: 'i', volumes: [{ name: 'tmp' }] },
  { hostIP: '10.0.0.1', lastProbeTime: null },
  { ephemeralContainerStatuses: [{ name: 'debug', state: {} }], ready: 'yes' },
];

/** A record of which any field may be missing, among fields nobody asked for. */
function loose<T extends object>(fields: { [Field in keyof T]: fc.Arbitrary<T[Field]> }): fc.Arbitrary<Partial<T>> {
  const some = Object.entries<fc.Arbitrary<unknown>>(fields).map(([name, field]) => [name, fc.option(field, { freq: 8, nil: undefined })]);
  const known = fc
    .record(Object.fromEntries(some) as Record<string, fc.Arbitrary<unknown>>)
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)));
  return fc.tuple(fc.constantFrom(...FOREIGN), known).map(([foreign, all]) => ({ ...foreign, ...all }) as Partial<T>);
}

const TIMES = ['2030-01-01T00:00:00Z', '2030-01-01T00:01:00Z', '2029-12-31T23:59:59Z'];
const time = fc.constantFrom(...TIMES);
const ended = loose({
  exitCode: fc.constantFrom(0, 1, 137, 143),
  reason: fc.constantFrom('Error', 'OOMKilled', 'Completed'),
  message: fc.constantFrom('', 'no such file', 'listening on http://0.0.0.0:3000', 'Server started on port 8080'),
  containerID: fc.string(),
  startedAt: time,
  finishedAt: time,
});
const waiting = loose({
  reason: fc.constantFrom('ContainerCreating', 'ImagePullBackOff', 'CreateContainerConfigError', 'CreateContainerError', 'CrashLoopBackOff'),
  message: fc.constantFrom('secret "s" not found', "couldn't find key k in ConfigMap tools/c", 'Back-off pulling image "x": ErrImagePull: no', 'why'),
});
const state = fc.oneof(
  fc.record({ running: loose({ startedAt: time }) }),
  fc.record({ waiting }),
  fc.record({ terminated: ended }),
  fc.constant({}),
);
const containerStatus = loose({
  restartCount: fc.constantFrom(0, 1, 2),
  started: fc.boolean(),
  ready: fc.boolean(),
  state,
  lastState: fc.oneof(fc.record({ terminated: ended }), fc.constant({})),
  allocatedResources: fc.constant({ memory: '1Gi' }),
}).chain((status) => fc.constantFrom('mcp-server', 'mcp-server', 'sidecar', 'init').map((name) => ({ ...status, name })));
/** What chance alone hardly ever brings together. */
const LISTENS_ELSEWHERE = {
  name: 'mcp-server', restartCount: 3, started: false, ready: false, state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
  lastState: { terminated: { exitCode: 137, reason: 'Error', message: 'listening on http://0.0.0.0:3000', finishedAt: TIMES[0] } },
};
const WAS_READY = { name: 'mcp-server', restartCount: 0, started: true, ready: false, state: { running: { startedAt: TIMES[2] } }, lastState: {} };
const NOT_CREATED = { name: 'mcp-server', restartCount: 0, started: false, ready: false, state: { waiting: { reason: 'ContainerCreating' } }, lastState: {} };
const volumes = fc.array(
  fc.constantFrom<object>({ name: 'tmp', emptyDir: {} }, { name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: false } }),
  { maxLength: 3 },
);
const condition = fc.record({
  type: fc.constantFrom('PodScheduled', 'Ready', 'ContainersReady', 'DisruptionTarget', '__proto__'),
  status: fc.constantFrom('True', 'False'),
  reason: fc.constantFrom('Unschedulable', 'ContainersNotReady'),
  message: fc.constant('0/3 nodes are available.'),
  lastTransitionTime: time,
  lastProbeTime: fc.constant(null),
}, { requiredKeys: ['type', 'status'] });
const UNREADY = { type: 'Ready', status: 'False', reason: 'ContainersNotReady', message: 'why', lastProbeTime: null, lastTransitionTime: TIMES[1] };
const container = loose({
  ports: fc.array(fc.record({ name: fc.constantFrom('mcp', 'metrics'), containerPort: fc.constantFrom(8080, 9090), protocol: fc.constant('TCP') })),
  resources: loose({ limits: loose({ memory: fc.constant('512Mi'), cpu: fc.constant('1') }), requests: fc.constant({ memory: '64Mi' }) }),
  startupProbe: loose({ failureThreshold: fc.constantFrom(3, 6), periodSeconds: fc.constant(10), tcpSocket: fc.constant({ port: 'mcp' }) }),
}).chain((spec) => fc.constantFrom('mcp-server', 'sidecar').map((name) => ({ ...spec, name })));
const SERVER = {
  name: 'mcp-server',
  image: 'i',
  ports: [{ name: 'mcp', containerPort: 8080, protocol: 'TCP' }],
  resources: { limits: { memory: '512Mi', cpu: '1' } },
};
const metadata = loose({
  namespace: fc.constant('tools'),
  uid: fc.constantFrom('u1', 'u2'),
  creationTimestamp: time,
  labels: fc.constantFrom({ ...selectorLabels('demo'), 'pod-template-hash': 'aa' }, { ...selectorLabels('demo'), 'pod-template-hash': 'zz', team: 'a' }),
  annotations: fc.constant({ 'kubernetes.io/config.seen': 'x' }),
  ownerReferences: fc.constant([{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'demo-aa', uid: 'r' }]),
});
const leaving = fc
  .option(fc.constant({ deletionTimestamp: TIMES[0] }), { freq: 8 })
  .map((present) => (present === null ? { deletionTimestamp: TIMES[0] } : {}));
const before = loose({ restartPolicy: fc.constant('Always'), image: fc.constant('i') }).map((spec) => ({ ...spec, name: 'init' }));
const pod = loose({
  spec: fc.record({
    containers: fc.oneof(fc.array(container, { maxLength: 2 }), fc.constant([SERVER])),
    nodeName: fc.constantFrom('a', 'b'),
    volumes,
    initContainers: fc.array(before, { maxLength: 1 }),
    terminationGracePeriodSeconds: fc.constantFrom(30, 5),
  }),
  status: loose({
    phase: fc.constantFrom('Running', 'Running', 'Pending', 'Pending', 'Failed'),
    podIP: fc.constantFrom('10.244.0.1', undefined),
    conditions: fc.oneof(fc.array(condition, { maxLength: 3 }), fc.constant([UNREADY])),
    initContainerStatuses: fc.option(fc.array(containerStatus, { minLength: 1, maxLength: 1 }), { freq: 2, nil: [] }),
    containerStatuses: fc.oneof(
      fc.array(containerStatus, { minLength: 1, maxLength: 2 }),
      fc.constantFrom([LISTENS_ELSEWHERE], [WAS_READY], [NOT_CREATED]),
    ),
  }),
}).chain((rest) => fc.tuple(metadata, leaving, fc.constantFrom('demo-1', 'demo-2', 'demo-3')).map(([meta, end, name]) => (
  { apiVersion: 'v1', kind: 'Pod', ...rest, metadata: { ...meta, ...end, name } } as unknown as PodObject
)));

/** Two pods of one claim on two nodes, of which one waits. */
const HELD = [{ nodeName: 'a', podIP: '10.244.0.1', status: WAS_READY }, { nodeName: 'b', podIP: undefined, status: NOT_CREATED }].map(
  ({ nodeName, podIP, status }, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `demo-${index}`, namespace: 'tools', uid: `u${index}`, creationTimestamp: TIMES[0], labels: selectorLabels('demo') },
    spec: { nodeName, containers: [SERVER], volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] },
    status: { phase: 'Pending', podIP, conditions: [], containerStatuses: [status] },
  } as unknown as PodObject),
);

const deployment: fc.Arbitrary<DeploymentObject> = fc.record({
  ready: fc.constantFrom(0, 1),
  observed: fc.boolean(),
  conditions: fc.subarray([
    DEADLINE,
    ONCE_COMPLETE,
    { type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: q' },
    { type: 'Available', status: 'False', lastTransitionTime: TIMES[0] },
  ]),
}).map((rolled) => deploymentObject(rolled));

describe('of a pod is kept', () => {
  it('all that a judge reads: whole and kept pods are judged alike', () => {
    const reasons = new Set<string>();
    const somePods = fc.oneof({ weight: 50, arbitrary: fc.array(pod, { minLength: 1, maxLength: 3 }) }, fc.constant(HELD));
    fc.assert(fc.property(somePods, deployment, fc.constantFrom(undefined, NOW), (pods, live, since) => {
      const kept = pods.map(keptPod);
      const judgements = judgementsOf(pods, live, since);
      expect(judgementsOf(kept, keptDeployment(live) as DeploymentObject, since)).toEqual(judgements);
      expect(kept.map(keptPod)).toEqual(kept);
      const troubles = [podTrouble(pods, { now: MUCH_LATER }), volumeHeld(pods, { among: pods, now: MUCH_LATER })];
      for (const trouble of troubles) reasons.add(trouble?.reason ?? 'none');
    }), { numRuns: 1000 });
    const all = [
      'ContainerConfigError', 'ContainerStartError', 'CrashLoop', 'ImagePullError', 'InitFailed', 'NotReady', 'NotStarted', 'Unschedulable',
      'VolumeHeld', 'WrongPort', 'none',
    ];
    expect(reasons).toEqual(new Set(all));
  });

  it('nothing that no judge reads', () => {
    const whole = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'demo-1', generateName: 'demo-', namespace: 'tools', uid: 'u', resourceVersion: '7', creationTimestamp: TIMES[0],
        labels: { ...selectorLabels('demo'), 'pod-template-hash': 'aa' }, annotations: { a: 'b' }, ownerReferences: [],
      },
      spec: {
        nodeName: 'node-1',
        volumes: [{ name: 'tmp', emptyDir: {} }, { name: 'data', persistentVolumeClaim: { claimName: 'data', readOnly: true } }],
        terminationGracePeriodSeconds: 30,
        initContainers: [{ name: 'init', image: 'i', restartPolicy: 'Always', env: [{ name: 'A' }] }],
        containers: [
          {
            name: 'mcp-server',
            image: 'i',
            env: [{ name: 'A' }],
            ports: [{ name: 'mcp', containerPort: 8080, protocol: 'TCP' }],
            resources: { limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1' } },
            startupProbe: { tcpSocket: { port: 'mcp' }, periodSeconds: 2, failureThreshold: 60, successThreshold: 1 },
          },
        ],
      },
      status: {
        phase: 'Running', podIP: '10.244.0.1', podIPs: [{ ip: '10.244.0.1' }],
        initContainerStatuses: [{ name: 'init', image: 'i', imageID: 'i' }], ephemeralContainerStatuses: [{ name: 'debug' }],
        conditions: [{ type: 'Initialized', status: 'True' }, { type: 'Ready', status: 'True', lastProbeTime: null, lastTransitionTime: TIMES[0] }],
        containerStatuses: [
          {
            name: 'mcp-server',
            image: 'i',
            ready: true,
            started: true,
            restartCount: 0,
            state: { running: { startedAt: TIMES[0] } },
            lastState: {},
          },
        ],
      },
    };
    expect(keptPod(whole as unknown as PodObject)).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: 'demo-1', namespace: 'tools', uid: 'u', resourceVersion: '7', creationTimestamp: TIMES[0],
        labels: { 'mcp.example.com/server': 'demo', 'pod-template-hash': 'aa' },
      },
      spec: {
        terminationGracePeriodSeconds: 30,
        initContainers: [{ name: 'init', restartPolicy: 'Always' }],
        containers: [
          {
            name: 'mcp-server',
            ports: [{ name: 'mcp', containerPort: 8080 }],
            resources: { limits: { memory: '1Gi' } },
            startupProbe: { periodSeconds: 2, failureThreshold: 60 },
          },
        ],
        nodeName: 'node-1',
        volumes: [{ persistentVolumeClaim: { claimName: 'data' } }],
      },
      status: {
        phase: 'Running', podIP: '10.244.0.1', initContainerStatuses: [{ name: 'init' }],
        conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: TIMES[0] }],
        containerStatuses: [
          { name: 'mcp-server', ready: true, started: true, restartCount: 0, state: { running: { startedAt: TIMES[0] } }, lastState: {} },
        ],
      },
    });
  });

  it('no volume that is no claim', () => {
    const pod = { metadata: { name: 'demo-1' }, spec: { containers: [], volumes: [{ name: 'tmp', emptyDir: {} }] } } as unknown as PodObject;
    expect(keptPod(pod)).toEqual({ metadata: { name: 'demo-1' }, spec: { containers: [] } });
  });

  it('what there is of it while it has hardly begun to be', () => {
    const young = { metadata: { name: 'demo-1' }, spec: { containers: null }, status: { conditions: null } } as unknown as PodObject;
    expect(keptPod(young)).toEqual({ metadata: { name: 'demo-1' }, spec: {}, status: {} });
    expect(keptPod({ metadata: { name: 'demo-1' } })).toEqual({ metadata: { name: 'demo-1' } });
  });
});

describe('of a child is kept', () => {
  const conditions = [{ ...ONCE_COMPLETE, lastTransitionTime: TIMES[0] }];
  const live = { ...deploymentObject({ conditions }), apiVersion: 'apps/v1', kind: 'Deployment' };

  it('all but its status', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'demo', annotations: { a: 'b' }, finalizers: ['f'] },
      spec: { clusterIP: '10.0.0.1' },
      status: { loadBalancer: {} },
    };
    const { status: _, ...kept } = service;
    expect(keptChild(service)).toEqual(kept);
  });

  it('of the status of a Deployment, what the rollout is judged by', () => {
    const whole = { ...live, status: { ...live.status, unavailableReplicas: 1, terminatingReplicas: 1, collisionCount: 1 } };
    expect(keptDeployment(whole)).toEqual({ ...live, status: { ...live.status, conditions: [ONCE_COMPLETE] } });
    expect(rolloutOf(keptDeployment(whole) as DeploymentObject, [], { now: NOW })).toEqual(rolloutOf(whole, [], { now: NOW }));
    const { status: _, ...young } = whole;
    expect(keptDeployment(young)).toEqual(young);
  });
});

it('of an EndpointSlice is kept which Service it belongs to and what is ready', () => {
  const endpoints = [
    { addresses: ['10.244.0.1'], conditions: { ready: true, serving: true }, targetRef: { kind: 'Pod' }, nodeName: 'n' },
    { addresses: ['10.244.0.2'] },
  ];
  const labels = { ...selectorLabels('demo'), 'kubernetes.io/service-name': 'demo', 'endpointslice.kubernetes.io/managed-by': 'x' };
  const whole = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'demo-a', namespace: 'tools', uid: 'u', resourceVersion: '7', labels, ownerReferences: [] },
    addressType: 'IPv4',
    endpoints,
    ports: [],
  };
  expect(keptEndpointSlice(whole)).toEqual({
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice',
    metadata: { name: 'demo-a', namespace: 'tools', uid: 'u', resourceVersion: '7', labels: { 'kubernetes.io/service-name': 'demo' } },
    endpoints: [{ conditions: { ready: true } }, {}],
  });
  expect(keptEndpointSlice({ ...whole, endpoints: null })).not.toHaveProperty('endpoints');
});
