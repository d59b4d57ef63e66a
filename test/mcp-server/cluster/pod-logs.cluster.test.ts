// get-pod-logs through a real API server: from a node whose log server selects as the kubelet does, and from pods that run as processes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { expect, inject, onTestFinished, test } from 'vitest';
import { startControlPlane } from '../../cluster/control-plane.ts';
import { startProcessNode } from '../../cluster/process-node/process-node.ts';
import { eventually, kubectl, uniqueName, useNamespace } from '../../support/cluster.ts';
import { certificateFor } from '../../support/mcp-servers.ts';
import { startKubeletLogs, type KubeletLogs } from './kubelet-logs.ts';
import { startServer } from '../server-process.ts';

const namespace = useNamespace('pod-logs');

/** Prints 8 MB at once, and some 600 kB in every second after that. */
const CHATTY = `
let n = 0;
const more = (count) => { for (const end = n + count; n < end; n += 1) console.log(n, 'x'.repeat(2000)); };
more(4000);
setInterval(more, 10, 3);
`;

interface Answer {
  readonly text: string;
  readonly logs: string;
  readonly truncated: boolean;
}

/** A client of a server of its own, until the running test ends; resolves to the call of get-pod-logs. */
async function logsOf(kubeconfig: string, pod: object): Promise<(args?: object) => Promise<Answer>> {
  const server = await startServer({ args: ['--kubeconfig', kubeconfig] });
  onTestFinished(async () => void (await server.stop()));
  const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  return async (args = {}) => {
    const { content: [first], structuredContent } = await client.callTool({ name: 'get-pod-logs', arguments: { ...pod, ...args } });
    return { text: first?.type === 'text' ? first.text : '', ...(structuredContent as Omit<Answer, 'text'>) };
  };
}

async function ok(args: readonly string[], input?: object): Promise<void> {
  const { code, stderr } = await kubectl(args, input === undefined ? {} : { input: JSON.stringify(input) });
  expect([code, stderr]).toEqual([0, '']);
}

/** A node whose kubelet is the log server, and a pod that is bound to it. */
async function podOnNode(kubelet: KubeletLogs): Promise<string> {
  const node = uniqueName('node');
  const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }];
  const status = { addresses, daemonEndpoints: { kubeletEndpoint: { Port: kubelet.port } } };
  await ok(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
  onTestFinished(() => ok(['delete', 'node', node]));
  await ok(['patch', 'node', node, '--subresource=status', '--type=merge', '-p', JSON.stringify({ status })]);
  const spec = { nodeName: node, containers: [{ name: 'main', image: 'x' }] };
  await ok(['create', '-f', '-'], { apiVersion: 'v1', kind: 'Pod', metadata: { name: node, namespace }, spec });
  onTestFinished(async () => void (await kubectl(['delete', 'pod', node, '-n', namespace, '--grace-period=0', '--force'])));
  return node;
}

test('the newest lines of a log beyond every limit come through the API server, whole and with the truth about the rest', async () => {
  const kubelet = await startKubeletLogs(certificateFor('kubelet'));
  onTestFinished(() => kubelet.close());
  const name = await podOnNode(kubelet);
  const logs = await logsOf(inject('kubeconfig'), { namespace, name });
  const long = '€'.repeat(2_000);
  for (let line = 0; line < 5_000; line += 1) kubelet.current.write(`${line} ${long}\n`);
  kubelet.previous.write('last words\n');
  const expected = Array.from({ length: 10 }, (_, index) => `${4_990 + index} ${long}\n`).join('');
  expect((await logs({ tailLines: 10 })).logs).toBe(expected);
  const { logs: text, text: told, truncated } = await logs({ tailLines: 5_000 });
  expect([text, truncated]).toEqual([expected, true]);
  expect(told).toContain('Older lines were left out');
  expect(kubelet.asked[0]).toMatchObject({ previous: false, limitBytes: 4 * 1024 * 1024 + 1 });
  expect(await logs({ previous: true })).toMatchObject({ logs: 'last words\n', truncated: false });
  kubelet.current.write(`${'x'.repeat(10 * 1024 * 1024)}end\n`, Infinity);
  expect((await logs()).logs).toBe(`${'x'.repeat(64 * 1024 - 4)}end\n`);
});

/** The number that the last line begins with. */
const lastOf = (text: string): number => Number(text.trimEnd().split('\n').at(-1)?.split(' ', 1));

test('of a process that prints on and on, each answer ends with a line that was not printed before the call', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pod-logs-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const plane = await startControlPlane({ dir: join(folder, 'plane'), egress: true, auditLog: false });
  onTestFinished(() => plane.stop());
  const images = { 'chatty:1': [process.execPath, '-e', CHATTY] };
  const node = await startProcessNode({ controlPlane: plane, dir: join(folder, 'pods'), images });
  onTestFinished(() => node.stop());
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'chatty' }, spec: { containers: [{ name: 'main', image: 'chatty:1' }] } };
  expect((await plane.kubectl(['create', '-f', '-'], { input: JSON.stringify(pod) })).stderr).toBe('');
  const printed = async (): Promise<number> => lastOf((await plane.kubectl(['logs', 'chatty', '--tail=1'])).stdout);
  await eventually(async () => expect(await printed()).toBeGreaterThan(4_000));
  const logs = await logsOf(plane.kubeconfig, { name: 'chatty' });
  for (const tailLines of [10, 5_000]) {
    const before = await printed();
    expect(lastOf((await logs({ tailLines })).logs)).toBeGreaterThanOrEqual(before);
  }
});
