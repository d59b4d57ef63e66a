// Whose log get-pod-logs reads, through a real API server: the container that is named, the pod's default one, or none but the choices.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { kubectl, uniqueName, useNamespace } from '../../support/cluster.ts';
import { certificateFor } from '../../support/mcp-servers.ts';
import { startServer } from '../server-process.ts';
import { startKubeletLogs, type KubeletLogs } from './kubelet-logs.ts';

const namespace = useNamespace('containers');
const DEFAULT = 'kubectl.kubernetes.io/default-container';

interface Caller {
  logs(pod: string, container?: unknown): Promise<{ isError: boolean; text: string; data: unknown }>;
  close(): Promise<void>;
}

let kubelet: KubeletLogs;
let folder: string;
let node: string;
let all: Caller;
/** May read logs, and get no pods. */
let logsOnly: Caller;

async function ok(args: readonly string[], input?: object): Promise<string> {
  const { code, stdout, stderr } = await kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
  expect([code, stderr]).toEqual([0, '']);
  return stdout.trim();
}

async function open(kubeconfig: string): Promise<Caller> {
  const server = await startServer({ args: ['--kubeconfig', kubeconfig] });
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  return {
    async logs(name, container) {
      const asked = { name: 'get-pod-logs', arguments: { name, namespace, container } };
      const { isError, content: [first], structuredContent } = await client.callTool(asked);
      return { isError: isError === true, text: first?.type === 'text' ? first.text : '', data: structuredContent };
    },
    async close() {
      await client.close();
      await server.stop();
    },
  };
}

const named = (...names: readonly string[]): { name: string; image: string }[] => names.map((name) => ({ name, image: 'x' }));

interface Shape {
  readonly containers: readonly object[];
  readonly initContainers?: readonly object[];
  readonly annotation?: string;
}

async function pod(name: string, { annotation, ...spec }: Shape): Promise<void> {
  const annotations = annotation === undefined ? {} : { [DEFAULT]: annotation };
  await ok(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, annotations }, spec: { nodeName: node, ...spec } });
}

async function asLogsOnly(): Promise<string> {
  await ok(['create', 'serviceaccount', 'logs-only', '-n', namespace]);
  await ok(['create', 'role', 'logs-only', '-n', namespace, '--verb=get', '--resource=pods/log']);
  await ok(['create', 'rolebinding', 'logs-only', '-n', namespace, '--role=logs-only', `--serviceaccount=${namespace}:logs-only`]);
  const token = await ok(['create', 'token', 'logs-only', '-n', namespace]);
  const config = parse(await readFile(inject('kubeconfig'), 'utf8')) as { users: { user: object }[] };
  const path = join(folder, 'kubeconfig');
  await writeFile(path, stringify({ ...config, users: config.users.map((user) => ({ ...user, user: { token } })) }));
  return path;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mcp-containers-'));
  kubelet = await startKubeletLogs(certificateFor('kubelet'));
  kubelet.current.write('said\n');
  node = uniqueName('node');
  await ok(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  const status = { addresses: [{ type: 'InternalIP', address: '127.0.0.1' }], daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } } };
  await ok(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  await pod('one', { containers: named('main') });
  await pod('two', { containers: named('a', 'b'), initContainers: named('setup') });
  await pod('two-default', { containers: named('a', 'b'), annotation: 'b' });
  await pod('two-stale', { containers: named('a', 'b'), annotation: 'gone' });
  await pod('one-proxied', { containers: named('main'), initContainers: [{ name: 'proxy', image: 'x', restartPolicy: 'Always' }], annotation: 'main' });
  await pod('init-default', { containers: named('main'), initContainers: named('setup'), annotation: 'setup' });
  await pod('many', { containers: named(...Array.from({ length: 100 }, (_, index) => `c${index}`)) });
  const ephemeral = { ephemeralContainers: [{ name: 'debugger', image: 'x' }] };
  await ok(['patch', 'pod', 'two', '-n', namespace, '--subresource=ephemeralcontainers', '-p', JSON.stringify({ spec: ephemeral })]);
  [all, logsOnly] = await Promise.all([open(inject('kubeconfig')), open(await asLogsOnly())]);
});
afterAll(async () => {
  await Promise.all([all.close(), logsOnly.close()]);
  await kubectl(['delete', 'pod', '--all', '-n', namespace, '--grace-period=0', '--force']);
  await ok(['delete', 'node', node]);
  kubelet.close();
  await rm(folder, { recursive: true });
});

test.each([
  { name: 'one', read: 'main', data: {} },
  { name: 'two-default', read: 'b', data: { container: 'b' } },
  { name: 'one-proxied', read: 'main', data: { container: 'main' } },
  { name: 'init-default', read: 'setup', data: { container: 'setup' } },
  { name: 'two-default', container: 'a', read: 'a', data: { container: 'a' } },
  { name: 'two-default', container: '', read: 'b', data: { container: 'b' } },
  { name: 'two', container: 'b', read: 'b', data: { container: 'b' } },
  { name: 'two', container: 'setup', read: 'setup', data: { container: 'setup' } },
  { name: 'two', container: 'debugger', read: 'debugger', data: { container: 'debugger' } },
  { name: 'two-stale', container: 'a', read: 'a', data: { container: 'a' } },
])('of pod $name, asked for $container, the log of $read is read, and the answer says which', async ({ name, container, read, data }) => {
  const answer = await all.logs(name, container);
  expect(answer).toMatchObject({ isError: false, data: { logs: 'said\n', ...data } });
  expect(kubelet.asked.at(-1)?.container).toBe(read);
});

const TWO = 'name one with the argument container (containers: a, b; init containers: setup; ephemeral containers: debugger).';

test.each([
  ['two', undefined, `it has several containers, and its annotation ${DEFAULT} names none of them; ${TWO}`],
  ['two', 'c', `it has no container "c"; ${TWO}`],
  ['two', 'Setup', `it has no container "Setup"; ${TWO}`],
  ['two-stale', undefined, `names none of them; name one with the argument container (containers: a, b).`],
  ['two-default', 'gone', 'it has no container "gone"; name one with the argument container (containers: a, b).'],
  ['one', 'web', 'it has no container "web"; name one with the argument container (containers: main).'],
  ['many', undefined, 'c18, c19 and 80 more).'],
])('of pod %s, asked for %j, the answer has the choices, and no log is read', async (name, container, words) => {
  const before = kubelet.asked.length;
  const { isError, text } = await all.logs(name, container);
  expect([isError, text]).toEqual([true, expect.stringContaining(words)]);
  expect(text).toMatch(/^Could not read the logs of pod /);
  expect(kubelet.asked).toHaveLength(before);
});

test('who may read logs and get no pods gets those of pods with one container, and of others what the API server says', async () => {
  expect(await logsOnly.logs('one')).toMatchObject({ isError: false, data: { logs: 'said\n' } });
  expect(await logsOnly.logs('two', 'setup')).toMatchObject({ isError: false });
  expect(await logsOnly.logs('two-default')).toMatchObject({ isError: true, text: expect.stringMatching(/choose one of: \[a b\].*argument container/s) as string });
  expect(await logsOnly.logs('two', 'c')).toMatchObject({ isError: true, text: expect.stringContaining('container c is not valid for pod two') as string });
});

test('a pod that is not there is told as before', async () => {
  for (const container of [undefined, 'a']) {
    expect((await all.logs('no-such', container)).text).toContain(`k8s://namespace/${namespace}/pods`);
  }
});
