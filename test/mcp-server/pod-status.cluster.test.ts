// The pods resource beside `kubectl get pods`, on the real API server: it prints that table itself, so its rules are the real ones.
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { kubectl, useNamespace } from '../support/cluster.ts';
import { startServer } from './server-process.ts';

const namespace = useNamespace('pod-status');

async function ok(args: readonly string[], input?: object): Promise<string> {
  const { code, stdout, stderr } = await kubectl([...args, '-n', namespace], input === undefined ? {} : { input: JSON.stringify(input) });
  expect([code, stderr]).toEqual([0, '']);
  return stdout;
}

type State = Readonly<Record<string, unknown>>;

/** A container's status as a kubelet writes it. */
const status = (name: string, state: State, more: object = {}): object =>
  ({ name, image: 'x', imageID: '', ready: false, restartCount: 0, state, ...more });
const waiting = (reason: string): State => ({ waiting: { reason } });
const running: State = { running: { startedAt: '2026-01-01T00:00:00Z' } };
const ended = (exitCode: number, more: object = {}): State => ({ terminated: { exitCode, ...more } });
const condition = (type: string, is: string, reason = 'Test'): object => ({ type, status: is, reason, message: '' });

interface Case {
  readonly status: object;
  /** What is in the spec beside the containers a and b. */
  readonly spec?: object;
  readonly deleted?: boolean;
  /** Whether a reader may take it for a pod that serves; by default not. */
  readonly ready?: boolean;
}

const init = [{ name: 'first', image: 'x' }, { name: 'second', image: 'x' }];
const sidecar = [{ name: 'proxy', image: 'x', restartPolicy: 'Always' }, { name: 'first', image: 'x' }];
const up = [status('a', running, { ready: true, restartCount: 1 }), status('b', running, { ready: true })];

const CASES: Readonly<Record<string, Case>> = {
  pending: { status: {} },
  running: { status: { phase: 'Running', containerStatuses: up }, ready: true },
  'crash-loop': { status: { phase: 'Running', containerStatuses: [status('a', waiting('CrashLoopBackOff'), { restartCount: 7 }), up[1]] } },
  'image-pull': { status: { phase: 'Pending', containerStatuses: [status('a', waiting('ContainerCreating')), status('b', waiting('ImagePullBackOff'))] } },
  'bad-config': { status: { phase: 'Pending', containerStatuses: [up[0], status('b', waiting('CreateContainerConfigError'))] } },
  'oom-killed': { status: { phase: 'Running', containerStatuses: [status('a', ended(137, { reason: 'OOMKilled' })), up[1]] } },
  'exit-code': { status: { phase: 'Running', containerStatuses: [status('a', ended(3)), up[1]] } },
  signal: { status: { phase: 'Running', containerStatuses: [status('a', ended(0, { signal: 9 })), up[1]] } },
  'half-completed': {
    status: { phase: 'Running', conditions: [condition('Ready', 'True')], containerStatuses: [status('a', ended(0, { reason: 'Completed' })), up[1]] },
  },
  'half-completed-not-ready': { status: { phase: 'Running', containerStatuses: [status('a', ended(0, { reason: 'Completed' })), up[1]] } },
  evicted: { status: { phase: 'Failed', reason: 'Evicted' } },
  gated: { spec: { schedulingGates: [{ name: 'example.com/gate' }] }, status: { conditions: [condition('PodScheduled', 'False', 'SchedulingGated')] } },
  'init-first': { spec: { initContainers: init }, status: { initContainerStatuses: [status('first', running)] } },
  'init-second': {
    spec: { initContainers: init },
    status: { initContainerStatuses: [status('first', ended(0), { restartCount: 2 }), status('second', waiting('PodInitializing'))] },
  },
  'init-crash': {
    spec: { initContainers: init },
    status: {
      phase: 'Pending',
      initContainerStatuses: [status('first', waiting('CrashLoopBackOff'), { restartCount: 5 }), status('second', waiting('PodInitializing'))],
      containerStatuses: [status('a', waiting('PodInitializing')), status('b', waiting('PodInitializing'))],
    },
  },
  'init-error': { spec: { initContainers: init }, status: { initContainerStatuses: [status('first', ended(1, { reason: 'Error' }), { restartCount: 1 })] } },
  'init-exit-code': { spec: { initContainers: init }, status: { initContainerStatuses: [status('first', ended(2))] } },
  'init-signal': { spec: { initContainers: init }, status: { initContainerStatuses: [status('first', ended(2, { signal: 15 }))] } },
  'init-done': {
    spec: { initContainers: init },
    status: {
      phase: 'Running',
      initContainerStatuses: [status('first', ended(0, { reason: 'Completed' }), { restartCount: 4 }), status('second', ended(0))],
      containerStatuses: up,
    },
    ready: true,
  },
  'sidecar-crash': {
    spec: { initContainers: sidecar },
    status: {
      phase: 'Running',
      conditions: [condition('Initialized', 'True')],
      initContainerStatuses: [
        status('proxy', waiting('CrashLoopBackOff'), { restartCount: 3, started: false }),
        status('first', ended(0), { restartCount: 2 }),
      ],
      containerStatuses: up,
    },
  },
  'sidecar-started': {
    spec: { initContainers: sidecar },
    status: {
      phase: 'Running',
      initContainerStatuses: [status('proxy', running, { restartCount: 3, started: true, ready: true }), status('first', ended(0))],
      containerStatuses: up,
    },
    ready: true,
  },
  'sidecar-not-ready': {
    spec: { initContainers: sidecar },
    status: { phase: 'Running', initContainerStatuses: [status('proxy', running, { started: true }), status('first', ended(0))], containerStatuses: up },
  },
  'sidecar-starting': {
    spec: { initContainers: sidecar },
    status: { phase: 'Pending', initContainerStatuses: [status('proxy', running, { started: false }), status('first', waiting('PodInitializing'))] },
  },
  terminating: { status: { phase: 'Running', containerStatuses: up }, deleted: true },
  'terminating-crash': { status: { phase: 'Running', containerStatuses: [status('a', waiting('CrashLoopBackOff')), up[1]] }, deleted: true },
  'deleted-but-done': { status: { phase: 'Succeeded', containerStatuses: [status('a', ended(0, { reason: 'Completed' }))] }, deleted: true },
  'node-lost': { status: { phase: 'Running', reason: 'NodeLost', containerStatuses: up }, deleted: true },
};

interface Read {
  readonly name: string;
  readonly phase: string;
  readonly status: string;
  readonly ready: boolean;
  readonly restarts: number;
  readonly deletion?: string;
}

async function podsOf(): Promise<Map<string, Read>> {
  const server = await startServer({ args: ['--kubeconfig', inject('kubeconfig')] });
  onTestFinished(async () => void (await server.stop()));
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  const [content] = (await client.readResource({ uri: `k8s://namespace/${namespace}/pods` })).contents;
  const { pods } = JSON.parse(content !== undefined && 'text' in content ? content.text : '') as { pods: Read[] };
  return new Map(pods.map((pod) => [pod.name, pod]));
}

test('status and restarts of every pod are those that kubectl shows, and none that is on its way out is ready', async () => {
  const items = Object.entries(CASES).map(([name, { spec, deleted = false }]) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, ...(deleted ? { finalizers: ['example.com/keep'] } : {}) },
    spec: { containers: [{ name: 'a', image: 'x' }, { name: 'b', image: 'x' }], ...spec },
  }));
  await ok(['create', '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  const deleted = Object.entries(CASES).flatMap(([name, each]) => (each.deleted === true ? [name] : []));
  onTestFinished(async () => {
    for (const name of deleted) await ok(['patch', 'pod', name, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
  });
  for (const [name, { status: is }] of Object.entries(CASES)) {
    await ok(['patch', 'pod', name, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: is })]);
  }
  await ok(['delete', 'pod', ...deleted, '--wait=false']);

  const read = await podsOf();
  const shown = (await ok(['get', 'pods', '--no-headers'])).trim().split('\n').map((line) => {
    const [name = '', , word, restarts] = line.split(/\s+/);
    return { name, status: word, restarts: Number(restarts) };
  });
  expect(shown).toHaveLength(Object.keys(CASES).length);
  const told = [...read.values()].map(({ name, status: word, restarts }) => ({ name, status: word, restarts }));
  expect(told).toEqual(shown);
  for (const [name, { ready = false, deleted: isDeleted = false }] of Object.entries(CASES)) {
    const pod = read.get(name);
    expect([name, pod?.ready, pod?.deletion !== undefined]).toEqual([name, ready, isDeleted]);
  }
  expect(read.get('crash-loop')).toMatchObject({ phase: 'Running', status: 'CrashLoopBackOff', restarts: 7 });
  expect(read.get('init-crash')).toMatchObject({ phase: 'Pending', status: 'Init:CrashLoopBackOff', restarts: 5 });
  expect(read.get('terminating')).toMatchObject({ phase: 'Running', status: 'Terminating', restarts: 1 });
});
