// The Kubernetes MCP server on a real API server. There is no node, so pods stay Pending; the tests write what a kubelet would.
// With full rights, later cases use the pod that the first one creates, until one deletes it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { startControlPlane } from '../cluster/control-plane.ts';
import { eventually, kubectl, uniqueName, useNamespace } from '../support/cluster.ts';
import { raw, startServer, type ServerProcess } from './server-process.ts';

const namespace = useNamespace('mcp-server');
const restricted = useNamespace('mcp-restricted', { 'pod-security.kubernetes.io/enforce': 'restricted' });

interface Session {
  readonly server: ServerProcess;
  readonly client: Client;
  close(): Promise<void>;
}

async function open(kubeconfig: string): Promise<Session> {
  const server = await startServer({ args: ['--kubeconfig', kubeconfig] });
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  return {
    server,
    client,
    close: async () => {
      await client.close();
      await server.stop();
    },
  };
}

async function ok(args: readonly string[], options: { input?: string } = {}): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, options);
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trim();
}

/** Writes a pod's status as a kubelet would. */
const setStatus = (pod: string, status: object): Promise<string> =>
  ok(['patch', 'pod', pod, '-n', namespace, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);

async function call(
  session: Session,
  name: string,
  args: Record<string, unknown>,
): Promise<{ isError: boolean; text: string; data: unknown }> {
  const { isError = false, content, structuredContent } = await session.client.callTool({ name, arguments: args });
  const [first] = content;
  return { isError, text: first?.type === 'text' ? first.text : '', data: structuredContent };
}

async function read(session: Session, uri: string): Promise<{ count: number; truncated: boolean; nodes?: object[]; pods?: object[] }> {
  const [content] = (await session.client.readResource({ uri })).contents;
  return JSON.parse(content !== undefined && 'text' in content ? content.text : '') as Awaited<ReturnType<typeof read>>;
}

describe('with full rights', () => {
  let session: Session;
  beforeAll(async () => {
    session = await open(inject('kubeconfig'));
  });
  afterAll(() => session.close());

  test('create-pod creates what it says', async () => {
    const { data, text } = await call(session, 'create-pod', { name: 'web', image: 'nginx:alpine', namespace });
    const pod = JSON.parse(await ok(['get', 'pod', 'web', '-n', namespace, '-o', 'json'])) as {
      metadata: { uid: string; labels: object };
      spec: { containers: object[]; volumes?: object[] };
    };
    expect(data).toEqual({ name: 'web', namespace, image: 'nginx:alpine', uid: pod.metadata.uid });
    expect(text).toContain(pod.metadata.uid);
    expect(pod.metadata.labels).toEqual({ 'created-by': 'mcp-server' });
    expect(pod.spec.containers).toMatchObject([
      { name: 'web', image: 'nginx:alpine', resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } } },
    ]);
    expect(pod.spec.volumes).toBeUndefined();
  });

  test('a second pod of that name is refused with a hint', async () => {
    const { isError, text } = await call(session, 'create-pod', { name: 'web', image: 'nginx:alpine', namespace });
    expect([isError, text]).toEqual([true, expect.stringMatching(/already exists.*\nHint: .*delete-pod/s)]);
  });

  test('a namespace that does not exist is named', async () => {
    const { isError, text } = await call(session, 'create-pod', { name: 'web', image: 'nginx', namespace: 'no-such' });
    expect([isError, text]).toEqual([true, expect.stringContaining('Namespace "no-such" may not exist')]);
  });

  test('Pod Security restricted refuses it, and the hint says why', async () => {
    const { isError, text } = await call(session, 'create-pod', { name: 'web', image: 'nginx', namespace: restricted });
    expect([isError, text]).toEqual([true, expect.stringMatching(/violates PodSecurity.*runAsNonRoot.*\nHint: Namespace ".*" enforces/s)]);
  });

  test('the pods resource shows what the API server has', async () => {
    await setStatus('web', { phase: 'Running', containerStatuses: [{ name: 'web', ready: true, restartCount: 2, image: 'nginx', imageID: '' }] });
    const created = await ok(['get', 'pod', 'web', '-n', namespace, '-o', 'jsonpath={.metadata.creationTimestamp}']);
    expect(await read(session, `k8s://namespace/${namespace}/pods`)).toEqual({
      namespace,
      pods: [{ name: 'web', namespace, phase: 'Running', status: 'Running', ready: true, restarts: 2, age: created }],
      count: 1,
      truncated: false,
    });
  });

  test('the nodes resource shows name, status, version and capacity', async () => {
    const node = uniqueName('node');
    await ok(['create', '-f', '-'], { input: stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } }) });
    try {
      const status = { conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: '' }], capacity: { cpu: '4', memory: '8Gi', pods: '110' } };
      await ok(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
      const { nodes } = await read(session, 'k8s://cluster/nodes');
      expect(nodes).toContainEqual(expect.objectContaining({ name: node, status: 'True', capacity: { cpu: '4', memory: '8Gi', pods: '110' } }));
    } finally {
      await ok(['delete', 'node', node]);
    }
  });

  test('logs of a pod that no node runs are a clear error, and so are those of a pod that is not there', async () => {
    const pending = await call(session, 'get-pod-logs', { name: 'web', namespace });
    expect([pending.isError, pending.text]).toEqual([true, expect.stringMatching(/^Could not read the logs of pod "web".*no node runs the pod yet.\nHint: The container may not have started yet/s)]);
    const missing = await call(session, 'get-pod-logs', { name: 'no-such', namespace });
    expect([missing.isError, missing.text]).toEqual([true, expect.stringContaining(`k8s://namespace/${namespace}/pods`)]);
  });

  test('logs of a pod whose node does not answer name the kubelet', async () => {
    const node = uniqueName('node');
    await ok(['create', '-f', '-'], { input: stringify({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } }) });
    try {
      const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
      await ok(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status: { addresses, daemonEndpoints: { kubeletEndpoint: { Port: 1 } } } })]);
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'bound', namespace },
        spec: { nodeName: node, containers: [{ name: 'c', image: 'x' }] },
      };
      await ok(['create', '-f', '-'], { input: stringify(pod) });
      const { isError, text } = await call(session, 'get-pod-logs', { name: 'bound', namespace });
      expect([isError, text]).toEqual([true, expect.stringMatching(/connection refused.*\nHint: .*kubelet/s)]);
    } finally {
      await kubectl(['delete', 'pod', 'bound', '-n', namespace, '--grace-period=0', '--force']);
      await ok(['delete', 'node', node]);
    }
  });

  test('a list of more than 500 pods is cut, and says so', async () => {
    const crowd = uniqueName('crowd');
    await ok(['create', 'namespace', crowd]);
    try {
      const items = Array.from({ length: 501 }, (_, index) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: `p${index}`, namespace: crowd },
        spec: { containers: [{ name: 'c', image: 'x' }] },
      }));
      await ok(['create', '-f', '-'], { input: JSON.stringify({ apiVersion: 'v1', kind: 'List', items }) });
      expect(await read(session, `k8s://namespace/${crowd}/pods`)).toMatchObject({ count: 500, truncated: true });
    } finally {
      await ok(['delete', 'namespace', crowd, '--wait=false']);
    }
  });

  test('delete-pod deletes it', async () => {
    expect((await call(session, 'delete-pod', { name: 'web', namespace })).data).toEqual({ name: 'web', namespace, deleted: true });
    expect(await ok(['get', 'pods', '-n', namespace, '-o', 'name'])).toBe('');
  });

  test('/ready is 200', async () => {
    expect((await raw(session.server.port, { path: '/ready' })).status).toBe(200);
  });
});

describe('with a ServiceAccount that may only list pods', () => {
  let folder: string;
  let session: Session;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'mcp-rbac-'));
    await ok(['create', 'serviceaccount', 'reader', '-n', namespace]);
    await ok(['create', 'role', 'reader', '-n', namespace, '--verb=list', '--resource=pods']);
    await ok(['create', 'rolebinding', 'reader', '-n', namespace, '--role=reader', `--serviceaccount=${namespace}:reader`]);
    const token = await ok(['create', 'token', 'reader', '-n', namespace]);
    const config = parse(await readFile(inject('kubeconfig'), 'utf8')) as { users: { user: object }[] };
    const user = config.users[0];
    if (user !== undefined) user.user = { token };
    const path = join(folder, 'kubeconfig');
    await writeFile(path, stringify(config));
    session = await open(path);
  });
  afterAll(async () => {
    await session.close();
    await rm(folder, { recursive: true });
  });

  test('what it may do works, also right after it was allowed', async () => {
    await eventually(async () => expect(await read(session, `k8s://namespace/${namespace}/pods`)).toMatchObject({ count: expect.any(Number) as number }));
  });

  test.each([
    ['create-pod', { name: 'web', image: 'nginx' }, 'resources: ["pods"], verbs: ["create"]'],
    ['delete-pod', { name: 'web' }, 'resources: ["pods"], verbs: ["delete"]'],
    ['get-pod-logs', { name: 'web' }, 'resources: ["pods/log"], verbs: ["get"]'],
  ])('%s is refused with the missing RBAC rule', async (tool, args, rule) => {
    const { isError, text } = await call(session, tool, { ...args, namespace });
    expect([isError, text]).toEqual([true, expect.stringContaining(`a Role in namespace "${namespace}" (or a ClusterRole) with the rule apiGroups: [""], ${rule}`)]);
  });

  test('the nodes resource is refused with the missing RBAC rule', async () => {
    await expect(session.client.readResource({ uri: 'k8s://cluster/nodes' })).rejects.toThrow('a ClusterRole with the rule apiGroups: [""], resources: ["nodes"], verbs: ["list"]');
  });
});

test('/ready follows the API server down and up again', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-ready-'));
  const plane = await startControlPlane({ dir, auditLog: false });
  const server = await startServer({ args: ['--kubeconfig', plane.kubeconfig] });
  const ready = async (): Promise<number> => (await raw(server.port, { path: '/ready' })).status;
  try {
    expect(await ready()).toBe(200);
    await plane.killApiServer();
    await eventually(async () => expect(await ready()).toBe(503));
    await plane.startApiServer();
    await eventually(async () => expect(await ready()).toBe(200), { timeoutMs: 75_000 });
  } finally {
    await server.stop();
    await plane.stop();
    await rm(dir, { recursive: true, force: true });
  }
});
