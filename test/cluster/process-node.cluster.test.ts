// The process node on a control plane of its own: pods run as local processes and look to the API server like pods.
// Later cases use the Deployment web and the pods of earlier ones; the last two crash the API server and stop the node.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BRIDGE_NAME, BRIDGE_PATH } from '../../charts/api/labels.ts';
import { bridgeProgram } from '../../charts/bridge-program.ts';
import { eventually } from '../support/cluster.ts';
import { startControlPlane } from './control-plane.ts';
import type { ControlPlane } from './control-plane.ts';
import { EXAMPLE_IMAGES, SAMPLE_IMAGE, STDIO_BRIDGE_IMAGES } from './images.ts';
import { startProcessNode } from './process-node/process-node.ts';
import type { ProcessNode } from './process-node/process-node.ts';

const SHOW = `
const fs = require('node:fs');
const show = { env: process.env, config: fs.readFileSync(process.env.CONFIG, 'utf8'), pid: process.pid };
require('node:http').createServer((q, r) => r.end(JSON.stringify({ ...show, path: q.url }))).listen(8080, process.env.MCP_HOST);
process.on('SIGTERM', () => { fs.writeFileSync(process.env.GONE, 'ended in good order'); process.exit(0); });
`;
const images: Record<string, readonly string[]> = {
  ...EXAMPLE_IMAGES,
  'show:1': [process.execPath, '-e', SHOW],
  'crash:1': [process.execPath, '-e', 'console.log("run of", process.pid); process.exit(3)'],
  'once:1': [process.execPath, '-e', ''],
};

let folder: string;
let plane: ControlPlane;
let node: ProcessNode;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'node-'));
  plane = await startControlPlane({ dir: join(folder, 'plane'), egress: true });
  node = await startProcessNode({ controlPlane: plane, dir: join(folder, 'pods'), images });
});

afterAll(async () => {
  await node.stop();
  await plane.stop();
  await rm(folder, { recursive: true, force: true });
});

interface ContainerStatus {
  readonly restartCount: number;
  readonly state: { readonly waiting?: { readonly reason: string; readonly message: string } };
  readonly lastState: { readonly terminated?: { readonly exitCode: number } };
}

interface LivePod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly phase: string;
    readonly conditions: { readonly type: string; readonly status: string }[];
    readonly containerStatuses: [ContainerStatus];
  };
}

async function apply(...objects: object[]): Promise<void> {
  const result = await plane.kubectl(['apply', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }) });
  expect(result.stderr).toBe('');
}

async function get<T>(...args: string[]): Promise<T> {
  const { stdout, stderr } = await plane.kubectl(['get', '-o', 'json', ...args]);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

function pod(name: string, container: object, spec: object = {}): object {
  const labels = { app: name };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: { containers: [{ name: 'main', ...container }], ...spec } };
}

async function containerOf(name: string): Promise<ContainerStatus> {
  return (await get<LivePod>('pod', name)).status.containerStatuses[0];
}

function isReady(live: LivePod): boolean {
  return live.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

/** What the program of image show:1 answers through the API server's pod proxy. */
async function show(name: string): Promise<{ env: Record<string, string>; config: string; pid: number; path: string }> {
  const { stdout, stderr } = await plane.kubectl(['get', '--raw', `/api/v1/namespaces/default/pods/${name}:8080/proxy/hello`]);
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

const readinessProbe = { tcpSocket: { port: 'web' }, periodSeconds: 1 };
const web = { image: 'show:1', ports: [{ name: 'web', containerPort: 8080 }], readinessProbe };
const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { 'a.json': '{"a":1}', COLOUR: 'blue' } };
const mount = { volumeMounts: [{ name: 'settings', mountPath: '/etc/app' }] };
const volumes = [{ name: 'settings', configMap: { name: 'settings' } }];
const env = [
  { name: 'CONFIG', value: '/etc/app/a.json' },
  { name: 'GONE', value: '/etc/app/gone' },
  { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
  { name: 'COLOUR', valueFrom: { configMapKeyRef: { name: 'settings', key: 'COLOUR' } } },
];

test('the program of an image is found where it lies, also below a folder that the pod mounts', async () => {
  const program = join(folder, 'program.cjs');
  await writeFile(program, 'console.log(process.argv[2]); setInterval(() => undefined, 1000)');
  images['below:1'] = [process.execPath, program];
  const tmp = { volumeMounts: [{ name: 'tmp', mountPath: tmpdir() }] };
  await apply(pod('below', { image: 'below:1', args: [join(tmpdir(), 'file')], ...tmp }, { volumes: [{ name: 'tmp', emptyDir: {} }] }));
  await eventually(async () => expect(isReady(await get<LivePod>('pod', 'below'))).toBe(true));
  const { stdout } = await plane.kubectl(['logs', 'below']);
  expect(stdout.trim()).toMatch(/\/pods\/.*\/tmp\/file$/);
});

test('a stdio server is served by the bridge of the sources, in place of the one that its pod has by an init container', async () => {
  const [bridge] = STDIO_BRIDGE_IMAGES;
  const server = [process.execPath, join(import.meta.dirname, '../../mcp-server/main.ts')];
  images['stdio:1'] = server;
  const command = [...bridgeProgram(BRIDGE_PATH), '--port=8080', '--health-port=18081', '--', ...server];
  const probe = { httpGet: { path: '/readyz', port: 'health' }, periodSeconds: 1 };
  const ports = [{ name: 'mcp', containerPort: 8080 }, { name: 'health', containerPort: 18_081 }];
  const mounts = { volumeMounts: [{ name: BRIDGE_NAME, mountPath: BRIDGE_PATH }] };
  await apply(pod('stdio', { image: 'stdio:1', command, ports, readinessProbe: probe, ...mounts }, {
    initContainers: [{ name: BRIDGE_NAME, image: bridge, args: ['install', BRIDGE_PATH], ...mounts }],
    volumes: [{ name: BRIDGE_NAME, emptyDir: {} }],
  }));
  await eventually(async () => expect(isReady(await get<LivePod>('pod', 'stdio'))).toBe(true));
  const { stdout } = await plane.kubectl(['get', '--raw', '/api/v1/namespaces/default/pods/stdio:18081/proxy/readyz']);
  expect(JSON.parse(stdout)).toMatchObject({ ready: true });
});

test('the node is registered, ready and without taint', async () => {
  await eventually(async () => {
    const found = await get<{ spec: { taints?: object[] }; status: { conditions: object[] } }>('node', 'process-node');
    expect(found.status.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'True' }));
    expect(found.spec.taints).toBeUndefined();
  });
});

test('a Deployment of a known image becomes Available, and kubectl logs prints what its pods wrote', async () => {
  expect((await plane.kubectl(['create', 'deployment', 'web', `--image=${SAMPLE_IMAGE}`, '--replicas=2'])).code).toBe(0);
  expect(await plane.kubectl(['wait', '--for=condition=Available', 'deployment/web', '--timeout=20s'])).toMatchObject({ code: 0 });
  const logs = await eventually(async () => {
    const answer = await plane.kubectl(['logs', 'deployment/web']);
    expect(answer.stdout).toContain('ready');
    return answer.stdout;
  });
  expect(logs).toBe('sample program: starting\nsample program: ready\n');
  expect((await plane.kubectl(['logs', 'deployment/web', '--tail=1'])).stdout).toBe('sample program: ready\n');
  expect((await plane.kubectl(['logs', 'deployment/web', '--limit-bytes=6'])).stdout).toBe('sample');
});

test('the pod proxy reaches a process that has its environment and its config map as files, and nothing else', async () => {
  await apply(config, pod('shown', { ...web, ...mount, env }, { volumes, automountServiceAccountToken: false }));
  await eventually(async () => expect(isReady(await get('pod', 'shown'))).toBe(true));
  const seen = await show('shown');
  expect(seen).toMatchObject({ path: '/hello', config: '{"a":1}', env: { POD_NAME: 'shown', COLOUR: 'blue' } });
  expect(Object.keys(seen.env).toSorted()).toEqual(
    ['COLOUR', 'CONFIG', 'GONE', 'HOME', 'HOSTNAME', 'LANG', 'MCP_HOST', 'NODE_OPTIONS', 'PATH', 'POD_NAME', 'POD_SOCKETS', 'TMPDIR'].toSorted(),
  );
});

test('a port on which nothing listens is reported as connection refused', async () => {
  const { stderr } = await plane.kubectl(['get', '--raw', '/api/v1/namespaces/default/pods/shown:9999/proxy/']);
  expect(stderr).toContain('connection refused');
});

test('secrets and whole config maps become environment, and what is optional may be missing', async () => {
  const key = { secretKeyRef: { name: 'password', key: 'value' } };
  const absent = { configMapKeyRef: { name: 'absent', key: 'x', optional: true } };
  const more = [{ name: 'PASSWORD', valueFrom: key }, { name: 'ABSENT', valueFrom: absent }, { name: 'BOTH', value: '$(PASSWORD)-$(S_COLOUR)' }];
  const envFrom = [{ prefix: 'S_', configMapRef: { name: 'settings' } }];
  await apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'password' }, stringData: { value: 'hidden' } });
  await apply(config, pod('varied', { ...web, ...mount, envFrom, env: [...env, ...more] }, { volumes }));
  await eventually(async () => expect(isReady(await get('pod', 'varied'))).toBe(true));
  const seen = (await show('varied')).env;
  expect(seen).toMatchObject({ PASSWORD: 'hidden', S_COLOUR: 'blue', BOTH: 'hidden-blue' });
  expect(seen).not.toHaveProperty('ABSENT');
});

test('a container is started when its startup probe succeeds, and its pod is Ready when the readiness probe does', async () => {
  const startupProbe = { httpGet: { path: '/', port: 'web' }, periodSeconds: 1 };
  const never = { tcpSocket: { port: 9999 }, periodSeconds: 1 };
  await apply(config, pod('unready', { ...web, ...mount, env, startupProbe, readinessProbe: never }, { volumes }));
  await eventually(async () => expect(await containerOf('unready')).toMatchObject({ started: true, ready: false }));
  expect(isReady(await get('pod', 'unready'))).toBe(false);
});

test('a container whose liveness probe fails is restarted', async () => {
  const livenessProbe = { tcpSocket: { port: 9999 }, periodSeconds: 1, failureThreshold: 1 };
  await apply(config, pod('dead', { ...web, ...mount, env, livenessProbe }, { volumes }));
  await eventually(async () => expect((await containerOf('dead')).restartCount).toBeGreaterThan(0));
});

test('a pod that mounts a service account token gets a kubeconfig that logs in as that account', async () => {
  await apply(config, pod('account', { ...web, ...mount, env }, { volumes }));
  await eventually(async () => expect(isReady(await get('pod', 'account'))).toBe(true));
  const { KUBECONFIG = '' } = (await show('account')).env;
  const whoami = await plane.kubectl(['auth', 'whoami', '-o', 'jsonpath={.status.userInfo.username}'], { kubeconfig: KUBECONFIG });
  expect(whoami.stdout).toBe('system:serviceaccount:default:default');
});

test('an unknown image is ErrImagePull, and its logs are refused', async () => {
  await apply(pod('unknown', { image: 'example.com/unknown:1' }));
  await eventually(async () => {
    const { state } = await containerOf('unknown');
    expect(state.waiting).toEqual({ reason: 'ErrImagePull', message: expect.stringContaining('example.com/unknown:1') });
  });
  expect((await get<LivePod>('pod', 'unknown')).status.phase).toBe('Pending');
  expect((await plane.kubectl(['logs', 'unknown'])).stderr).toContain('waiting to start');
});

test('a missing config map keeps the container waiting, and its creation starts it', async () => {
  const late = [{ name: 'settings', configMap: { name: 'late' } }];
  await apply(pod('late', { ...web, ...mount, env: env.slice(0, 2) }, { volumes: late }));
  await eventually(async () => {
    expect((await containerOf('late')).state.waiting).toEqual({ reason: 'CreateContainerConfigError', message: expect.stringContaining('"late" not found') });
  });
  await apply({ ...config, metadata: { name: 'late' } });
  await eventually(async () => expect(isReady(await get('pod', 'late'))).toBe(true));
});

test('a crashing program ends in CrashLoopBackOff with its exit code, and its earlier log can be read', async () => {
  await apply(pod('crashing', { image: 'crash:1' }));
  await eventually(async () => {
    expect(await containerOf('crashing')).toMatchObject({
      restartCount: 1,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
  });
  expect((await plane.kubectl(['logs', 'crashing', '--previous'])).stdout).toMatch(/^run of \d+\n$/);
});

test('a pod that need not restart succeeds', async () => {
  await apply(pod('once', { image: 'once:1' }, { restartPolicy: 'Never' }));
  await eventually(async () => expect((await get<LivePod>('pod', 'once')).status.phase).toBe('Succeeded'));
});

test('a deleted pod gets SIGTERM and is gone only when its process is', async () => {
  const gone = join(folder, 'gone');
  await apply(config, pod('deleted', { ...web, ...mount, env: [{ name: 'GONE', value: gone }, ...env.slice(0, 1)] }, { volumes }));
  await eventually(async () => expect(isReady(await get('pod', 'deleted'))).toBe(true));
  const { pid } = await show('deleted');
  expect((await plane.kubectl(['delete', 'pod', 'deleted', '--timeout=20s'])).code).toBe(0);
  expect(await readFile(gone, 'utf8')).toBe('ended in good order');
  expect(isAlive(pid)).toBe(false);
});

test('after a crash of the API server the node works on, and running processes were not touched', async () => {
  const { pid } = await show('shown');
  await plane.killApiServer();
  await plane.startApiServer();
  await apply(pod('after', { ...web, ...mount, env }, { volumes }));
  await eventually(async () => expect(isReady(await get('pod', 'after'))).toBe(true), { timeoutMs: 40_000 });
  expect((await show('shown')).pid).toBe(pid);
});

test('after stop none of the processes it started is alive', async () => {
  const pids = await Promise.all(['shown', 'account', 'after'].map(async (name) => (await show(name)).pid));
  expect(pids.map(isAlive)).toEqual([true, true, true]);
  await node.stop();
  expect(pids.map(isAlive)).toEqual([false, false, false]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
