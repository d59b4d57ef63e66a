// The commands that look at MCPServers which run, where their pods run: as local processes of a node on a control plane of its own.
// The cases follow on each other.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import type { ToldEvent } from '../../../reconciler/explain/told-events.ts';
import type { ServerTree } from '../../../reconciler/explain/tree.ts';
import type { ServerReport } from '../../../reconciler/commands/verify/server-report.ts';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { EXAMPLE_IMAGES, KUBERNETES_MCP_SERVER_IMAGES } from '../../cluster/images.ts';
import { startProcessNode, type ProcessNode } from '../../cluster/process-node/process-node.ts';
import { startCli } from '../../support/cli-process.ts';
import { eventually } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../../support/operator.ts';
import { Fleet } from '../scene.ts';
import { cliWith, type Cli } from './in-process.ts';

const HOSTILE = 'console.log("\\u001b[2Jcleared \\u202Eback\\u0007"); console.error("API_KEY is not set"); setTimeout(() => process.exit(3), 100)';
const images = { ...EXAMPLE_IMAGES, 'hostile:1': [process.execPath, '-e', HOSTILE] };
const [IMAGE = ''] = KUBERNETES_MCP_SERVER_IMAGES;

let folder: string;
let plane: ControlPlane;
let node: ProcessNode;
let operator: OperatorProcess;
let client: KubernetesClient;
let fleet: Fleet;
let cli: Cli;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'running-'));
  plane = await startControlPlane({ dir: join(folder, 'plane'), egress: true });
  node = await startProcessNode({ controlPlane: plane, dir: join(folder, 'pods'), images });
  client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' });
  await ensureCrd(client);
  operator = await startOperatorProcess(plane.kubeconfig);
  fleet = new Fleet(client, 'default');
  cli = cliWith(plane.kubeconfig);
  await Promise.all([fleet.create('tools', { image: IMAGE, replicas: 2 }), fleet.create('hostile', { image: 'hostile:1' })]);
  await Promise.all([fleet.ready('tools'), fleet.until('hostile', 'Ready', ['False', 'CrashLoop'])]);
}, 120_000);
afterAll(async () => {
  await operator?.stop();
  client?.close();
  await node?.stop();
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function podsOf(name: string): Promise<string[]> {
  const { items } = await client.list(PODS, { namespace: 'default', labelSelector: `mcp.example.com/server=${name}` });
  return items.map(({ metadata }) => metadata.name).toSorted();
}

test('status shows what runs and what does not, and says so by its exit code', async () => {
  const [all, one, json] = await Promise.all([cli('status'), cli('status', 'tools'), cli('status', '-A', '-o', 'json')]);
  expect({ code: all.code, stderr: all.stderr }).toEqual({ code: 1, stderr: '' });
  expect(all.stdout).toContain('MCPServer default/hostile: not Ready, CrashLoop\n');
  expect(all.stdout).toMatch(/^1 of 2 MCPServers are Ready\.$/m);
  const [pod, other] = await podsOf('tools');
  expect(one).toEqual({ code: 0, signal: null, stderr: '', stdout: `MCPServer default/tools: Ready, Verified
│  kubernetes-mcp-server 0.1.0 speaks MCP 2026-07-28.
│  http://tools.default.svc:8080/mcp
├─ ServiceAccount tools
├─ Service tools: EndpointReady
├─ PodDisruptionBudget tools
└─ Deployment tools: 2/2 ready, RolledOut
   ├─ Pod ${pod}: Ready
   └─ Pod ${other}: Ready
` });
  const trees = JSON.parse(json.stdout) as ServerTree[];
  expect(trees.map(({ name, ready, reason, pods }) => [name, ready, reason, pods.length])).toEqual([['hostile', 'False', 'CrashLoop', 1], ['tools', 'True', 'Verified', 2]]);
});

test('explain says what is wrong and what to do, logs and events what was said, and none of it controls a terminal', async () => {
  const [explained, all, last, told] = await Promise.all([
    cli('explain', 'hostile'),
    cli('logs', 'hostile'),
    cli('logs', 'hostile', '--previous', '--tail', '1', '-c', 'mcp-server'),
    cli('events', 'hostile', '-o', 'json'),
  ]);
  const [pod] = await podsOf('hostile');
  expect(explained.code).toBe(1);
  for (const part of ['MCPServer default/hostile is not Ready: CrashLoop\n', `Pod ${pod} keeps ending with exit code 3.`, 'mcp-operator logs hostile -n default --previous']) {
    expect(explained.stdout.replaceAll(/\n {2}(?=\S)/g, ' ')).toContain(part);
  }
  expect(all).toEqual({ code: 0, signal: null, stderr: '', stdout: `[${pod}/mcp-server] \\u{1b}[2Jcleared \\u{202e}back\\u{7}\n[${pod}/mcp-server] API_KEY is not set\n` });
  expect(last).toEqual({ code: 0, signal: null, stderr: '', stdout: `[${pod}/mcp-server] API_KEY is not set\n` });
  const events = JSON.parse(told.stdout) as ToldEvent[];
  expect(events.map(({ reason }) => reason)).toEqual(expect.arrayContaining(['SuccessfulCreate', 'CrashLoop']));
  expect(explained.stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
});

test('verify asks the pods through the API server, and says what the tools cost', async () => {
  const [text, json, none, secret] = await Promise.all([
    cli('verify', 'tools'),
    cli('verify', 'mcps/tools', '-o', 'json'),
    cli('verify', 'hostile', '--timeout', '2'),
    cli('verify', 'tools', '--header', 'Authorization: Bearer x'),
  ]);
  expect(text.code).toBe(0);
  expect(text.stdout).toContain('\n2 of 2 pods: Verified: kubernetes-mcp-server 0.1.0 speaks MCP 2026-07-28.\nMCP clients can use the server.\n\nIt offers 3 tools, which cost a client about ');
  const { outcome, pods } = JSON.parse(json.stdout) as ServerReport;
  const names = ['get-pod-logs', 'create-pod', 'delete-pod'];
  expect([outcome, pods.map(({ tools }) => tools?.list.map(({ name }) => name))]).toEqual(['Passed', [names, names]]);
  expect(none.code).toBe(2);
  expect(secret).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('mcp-operator connect tools') as string });
});

test('connect leads a client to a pod, and to another one when that goes; the entry of an editor is there meanwhile', async () => {
  const home = join(folder, 'home');
  await mkdir(join(home, '.cursor'), { recursive: true });
  const file = join(home, '.cursor/mcp.json');
  const before = '{\n  // mine\n  "mcpServers": {"other": {"url": "http://x"}}\n}\n';
  await writeFile(file, before);
  const running = startCli(plane.kubeconfig, { home, cwd: home, args: ['connect', 'tools', '--client', 'cursor', '--entry', 'mine', '-o', 'json'] });
  await eventually(() => expect(running.printed().stderr).toContain('The entry mine is in'));
  const { url, configuration } = JSON.parse(running.printed().stdout) as { url: string; configuration: object };
  expect(configuration).toEqual({ mcpServers: { mine: { type: 'http', url } } });
  expect(await readFile(file, 'utf8')).toContain(`"mine": {\n      "url": "${url}"\n    },\n    "other"`);
  expect(await toolsAt(url)).toEqual(['create-pod', 'delete-pod', 'get-pod-logs']);
  await mkdir(join(home, '.codeium/windsurf'), { recursive: true });
  const second = startCli(plane.kubeconfig, { home, cwd: home, args: ['connect', 'tools', '--client', 'windsurf'] });
  await eventually(() => expect(second.printed().stderr).toContain('The entry tools is in'));
  const [, other] = /MCPServer default\/tools is at (\S+) until Ctrl-C\./.exec(second.printed().stdout) ?? [];
  expect([other === url, second.printed().stderr]).toEqual([false, expect.stringContaining('somebody else listens there')]);
  expect(await readFile(join(home, '.codeium/windsurf/mcp_config.json'), 'utf8')).toContain(`"serverUrl": "${other}"`);
  // As when its terminal is closed.
  expect(await second.end('SIGHUP')).toEqual({ code: 0, signal: null });
  expect(await readdir(join(home, '.codeium/windsurf'))).toEqual([]);
  const [first = ''] = await podsOf('tools');
  await client.delete(PODS, { namespace: 'default', name: first });
  await eventually(async () => expect(await podsOf('tools')).not.toContain(first));
  await eventually(async () => expect(await toolsAt(url)).toHaveLength(3));
  await fleet.edit('tools', { replicas: 0 });
  await eventually(async () => expect(await podsOf('tools')).toEqual([]));
  const refused = await eventually(async () => {
    const response = await fetch(url, { method: 'POST' });
    expect(response.status).toBe(503);
    return response.json();
  });
  expect(refused).toEqual({ error: 'no pod of MCPServer default/tools is ready: mcp-operator explain tools -n default says why' });
  expect(await running.end()).toEqual({ code: 0, signal: null });
  expect([await readFile(file, 'utf8'), await readFile(`${file}.before-mcp-operator`, 'utf8')]).toEqual([before, before]);
}, 60_000);

test('logs -f goes on when the last pod ends, prints what the next one says, and ends with the MCPServer', async () => {
  await fleet.create('brief', { image: IMAGE });
  await fleet.ready('brief');
  const { process: following, end, printed } = startCli(plane.kubeconfig, { home: folder, cwd: folder, args: ['logs', 'brief', '-f', '--tail', '1'] });
  const saidBy = async (): Promise<void> => {
    const [pod] = await podsOf('brief');
    expect(pod).toBeDefined();
    expect(printed().stdout).toContain(`[${pod}/mcp-server] `);
  };
  await eventually(saidBy);
  await fleet.edit('brief', { replicas: 0 });
  await eventually(async () => expect(await podsOf('brief')).toEqual([]));
  await fleet.edit('brief', { replicas: 1 });
  await eventually(saidBy, { timeoutMs: 30_000 });
  expect(printed().stderr).not.toContain('gone');
  await fleet.remove('brief');
  await eventually(() => expect(printed().stderr).toContain('MCPServer default/brief is gone\n'), { timeoutMs: 75_000 });
  await eventually(() => expect(following.exitCode).toBe(0));
  await end();
}, 120_000);

async function toolsAt(url: string): Promise<string[]> {
  const mcp = new Client({ name: 'test', version: '1.0.0' });
  await mcp.connect(new StreamableHTTPClientTransport(new URL(url)));
  try {
    return (await mcp.listTools()).tools.map(({ name }) => name).toSorted();
  } finally {
    await mcp.close();
  }
}
