// What clients of both eras get from a cluster that answers, over the HTTP server in this process.
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ApiError } from '../../kubernetes/errors.ts';
import { createCatalog } from '../../mcp-server/catalog.ts';
import { startHttpServer, type HttpServer } from '../../mcp-server/transports/http.ts';
import { createLogger } from '../../mcp-server/log.ts';
import { createMetrics, type Metrics } from '../../mcp-server/transports/request-metrics.ts';
import { readinessOf } from '../../mcp-server/cluster/api-server-readiness.ts';
import { promtool, promtoolIsMissing } from '../support/promtool.ts';
import { memoryCluster, type MemoryCluster } from './cluster/memory-cluster.ts';
import { raw } from './server-process.ts';

let cluster: MemoryCluster;
let metrics: Metrics;
let server: HttpServer;
let logged: string;
beforeEach(async () => {
  cluster = memoryCluster();
  metrics = createMetrics();
  logged = '';
  const log = createLogger('info', { write: (line: string) => (logged += line) });
  const catalog = createCatalog({ cluster, log, title: 'test', onCall: metrics.onCall });
  const settings = { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], rateLimit: 0 };
  server = await startHttpServer({ catalog, settings, readiness: readinessOf(cluster), log, metrics });
});
afterEach(() => server.stop(1_000));

interface Answer {
  isError?: boolean;
  structuredContent?: unknown;
  content?: { text: string }[];
}
interface AnyClient {
  call(name: string, args: Record<string, unknown>): Promise<Answer>;
  read(uri: string): Promise<Record<string, unknown>>;
}

async function using(era: string, run: (client: AnyClient) => Promise<void>): Promise<void> {
  const url = new URL(`http://127.0.0.1:${server.port}/mcp`);
  const info = { name: 'test', version: '1' };
  const [client, transport] =
    era === '2025-11-25'
      ? [new Client2025(info), new Http2025(url)]
      : [new Client(info, { versionNegotiation: { mode: 'auto' } }), new StreamableHTTPClientTransport(url)];
  await client.connect(transport);
  try {
    await run({
      call: async (name, args) => (await client.callTool({ name, arguments: args })) as Answer,
      read: async (uri) => {
        const { contents } = (await client.readResource({ uri })) as { contents: { uri: string; mimeType: string; text: string }[] };
        expect(contents).toMatchObject([{ uri, mimeType: 'application/json' }]);
        return JSON.parse(contents[0]?.text ?? '') as Record<string, unknown>;
      },
    });
  } finally {
    await client.close();
  }
}

const textOf = (answer: Answer): string => answer.content?.[0]?.text ?? '';

describe.each(['2025-11-25', '2026-07-28'])('a client of %s', (era) => {
  test('create-pod creates a bounded, labelled pod without an API token, in default unless told otherwise', () =>
    using(era, async (client) => {
      const answer = await client.call('create-pod', { name: 'web', image: 'nginx:alpine' });
      expect(answer.structuredContent).toEqual({ name: 'web', namespace: 'default', image: 'nginx:alpine', uid: 'uid-1' });
      expect(textOf(answer)).toContain('Created pod "web" in namespace "default"');
      expect(cluster.pods.get('web')).toMatchObject({
        metadata: { namespace: 'default', labels: { 'created-by': 'mcp-server' } },
        spec: {
          automountServiceAccountToken: false,
          securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'web',
              image: 'nginx:alpine',
              resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
              securityContext: { allowPrivilegeEscalation: false },
            },
          ],
        },
      });
    }));

  test('delete-pod deletes it, and a second time says where to look', () =>
    using(era, async (client) => {
      cluster.pods.set('web', { metadata: { name: 'web', namespace: 'shop' } });
      expect((await client.call('delete-pod', { name: 'web', namespace: 'shop' })).structuredContent).toEqual({ name: 'web', namespace: 'shop', deleted: true });
      expect(cluster.pods.size).toBe(0);
      const again = await client.call('delete-pod', { name: 'web', namespace: 'shop' });
      expect(again.isError).toBe(true);
      expect(textOf(again)).toContain('k8s://namespace/shop/pods');
    }));

  test.each([
    ['create-pod', { name: 'new', image: 'nginx' }],
    ['get-pod-logs', { name: 'web' }],
    ['delete-pod', { name: 'web' }],
  ])('%s refuses an argument it does not have, by name, and does nothing', (tool, args) =>
    using(era, async (client) => {
      cluster.pods.set('web', { metadata: { name: 'web', namespace: 'default' } });
      const answer = await client.call(tool, { ...args, namspace: 'staging' });
      expect(answer.isError).toBe(true);
      expect(textOf(answer)).toContain('namspace');
      expect([...cluster.pods.keys()]).toEqual(['web']);
      expect(cluster.latestSignal).toBeUndefined();
    }));

  test('get-pod-logs returns the lines as text and as data', () =>
    using(era, async (client) => {
      cluster.logs = { text: 'one\ntwo\n', lines: 2, leftOut: 0, firstIsCut: false };
      const answer = await client.call('get-pod-logs', { name: 'web', container: 'app' });
      const data = { name: 'web', namespace: 'default', container: 'app', logs: 'one\ntwo\n', lines: 2, truncated: false, leftOut: 0 };
      expect(answer.structuredContent).toEqual(data);
      expect(textOf(answer)).toBe('Logs of pod "web", container "app", in namespace "default" (last 2 lines):\none\ntwo\n');
    }));

  test.each([
    [{ lines: 1, leftOut: 2, firstIsCut: false }, { truncated: true, leftOut: 2 }, '[Older lines were left out (2 of 3): '],
    [{ lines: 1, leftOut: undefined, firstIsCut: false }, { truncated: true }, '[Older lines were left out (how many is not known): '],
    [{ lines: 1, leftOut: 0, firstIsCut: true }, { truncated: true, leftOut: 0 }, '[The line lacks its beginning: '],
    [{ lines: 2, leftOut: 1, firstIsCut: true }, { truncated: true }, '[Older lines were left out (1 of 3). The first line lacks its beginning: '],
  ])('get-pod-logs says what is missing: %o', (tail, data, note) =>
    using(era, async (client) => {
      cluster.logs = { text: 'end\n', ...tail };
      const answer = await client.call('get-pod-logs', { name: 'web' });
      expect(answer.structuredContent).toMatchObject(data);
      expect('leftOut' in (answer.structuredContent as object)).toBe(tail.leftOut !== undefined);
      expect(textOf(answer)).toContain(`\n${note}a result holds at most 64 KiB, the newest.]\nend\n`);
    }));

  test('the nodes resource has name, status, version and capacity', () =>
    using(era, async (client) => {
      cluster.nodes.push(
        {
          metadata: { name: 'a' },
          status: {
            conditions: [{ type: 'Ready', status: 'True' }],
            nodeInfo: { kubeletVersion: 'v1.36.3' },
            capacity: { cpu: '2', memory: '4Gi', pods: '110', storage: '1' },
          },
        },
        { metadata: { name: 'b' } },
      );
      expect(await client.read('k8s://cluster/nodes')).toEqual({
        nodes: [{ name: 'a', status: 'True', version: 'v1.36.3', capacity: { cpu: '2', memory: '4Gi', pods: '110' } }, { name: 'b', status: 'Unknown', capacity: {} }],
        count: 2,
        truncated: false,
      });
    }));

  test('the pods resource has phase, readiness, restarts and creation time', () =>
    using(era, async (client) => {
      const creationTimestamp = '2026-01-01T00:00:00Z';
      const containerStatuses = [{ name: 'a', ready: true, restartCount: 1 }, { name: 'b', ready: false, restartCount: 2 }];
      cluster.pods.set('web', { metadata: { name: 'web', namespace: 'shop', creationTimestamp }, status: { phase: 'Running', containerStatuses } });
      expect(await client.read('k8s://namespace/shop/pods')).toEqual({
        namespace: 'shop',
        pods: [{ name: 'web', namespace: 'shop', phase: 'Running', status: 'Running', ready: false, restarts: 3, age: creationTimestamp }],
        count: 1,
        truncated: false,
      });
      expect(await client.read('k8s://namespace/default/pods')).toMatchObject({ namespace: 'default', count: 0 });
    }));

  test('a list is bounded and says that there is more', () =>
    using(era, async (client) => {
      for (let index = 0; index < 501; index += 1) cluster.pods.set(`p${index}`, { metadata: { name: `p${index}`, namespace: 'default' } });
      expect(await client.read('k8s://namespace/default/pods')).toMatchObject({ count: 500, truncated: true, note: 'Only the first 500 are listed.' });
    }));

  test('a defect is an internal error whose details are only in the log', () =>
    using(era, async (client) => {
      cluster.failure = new TypeError('hunter2');
      const answer = await client.call('delete-pod', { name: 'web' });
      expect(answer.isError).toBe(true);
      expect(JSON.stringify(answer)).not.toContain('hunter2');
      expect(JSON.stringify(answer)).not.toContain('.ts');
      expect(logged).toContain('hunter2');
    }));
});

test('every call is one log line that says what it did to the cluster', async () => {
  await using('2025-11-25', async (client) => {
    await client.call('create-pod', { name: 'web', image: 'nginx', namespace: 'shop' });
    await client.call('delete-pod', { name: 'other', namespace: 'shop' });
  });
  const lines = logged.trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(lines).toMatchObject([
    { level: 'info', target: 'create-pod', outcome: 'ok', action: { verb: 'create', resource: 'pods', namespace: 'shop', name: 'web' } },
    { level: 'warn', target: 'delete-pod', outcome: 'error', action: { verb: 'delete', namespace: 'shop', name: 'other' }, reason: expect.stringContaining('not found') as string },
  ]);
});

test('calls are measured by tool, by the template of a resource, and by how they failed', async () => {
  await using('2026-07-28', async (client) => {
    await client.call('create-pod', { name: 'web', image: 'nginx' });
    await client.call('delete-pod', { name: 'other' });
    await client.read('k8s://cluster/nodes');
    cluster.failure = new ApiError('Forbidden', 'no');
    await expect(client.read('k8s://namespace/shop/pods')).rejects.toThrow('lacks an RBAC permission');
  });
  const text = await metrics.text();
  for (const labels of [
    'mcp_method_name="tools/call",gen_ai_tool_name="create-pod",network_transport="tcp"',
    'mcp_method_name="tools/call",gen_ai_tool_name="delete-pod",error_type="tool_error",network_transport="tcp"',
    'mcp_method_name="resources/read",mcp_resource_uri="k8s://cluster/nodes",network_transport="tcp"',
    'mcp_method_name="resources/read",mcp_resource_uri="k8s://namespace/{namespace}/pods",error_type="-32603",network_transport="tcp"',
  ]) expect(text).toContain(`mcp_server_operation_duration_seconds_count{${labels}} 1`);
});

test.skipIf(promtoolIsMissing())('the metrics pass promtool check metrics', async () => {
  await using('2026-07-28', async (client) => void (await client.call('create-pod', { name: 'web', image: 'nginx' })));
  expect(promtool(['check', 'metrics'], { input: await metrics.text() })).toEqual({ passed: true, said: '' });
});

describe('/ready', () => {
  test('is 200 while the API server answers, and probes within two seconds ask it once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => raw(server.port, { path: '/ready' })));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(cluster.readyCalls).toBe(1);
  });

  test('asks again when the answer is two seconds old', async () => {
    let now = 0;
    const readiness = readinessOf(cluster, { now: () => now });
    expect(await readiness()).toEqual({ ready: true });
    cluster.failure = new ApiError('Network', 'ECONNREFUSED');
    now = 1_999;
    expect(await readiness()).toEqual({ ready: true });
    now = 2_000;
    expect(await readiness()).toMatchObject({ ready: false, reason: expect.stringContaining('no connection to the API server') as string });
  });
});
