// The ports on this machine that lead to MCPServers of the demonstration, and that on a process node no others answer.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import { connect } from '../../../kubernetes/connect.ts';
import { Informer } from '../../../kubernetes/informer.ts';
import { ENDPOINT_SLICES } from '../../../kubernetes/objects.ts';
import { eventually } from '../../support/cluster.ts';
import { answersWithoutCredentials, listenersOf } from '../../support/listeners.ts';
import { startControlPlane, type ControlPlane } from '../control-plane.ts';
import { connectThrough } from '../egress-proxy.ts';
import { EXAMPLE_IMAGES } from '../images.ts';
import { startProcessNode, type ProcessNode } from '../process-node/process-node.ts';
import type { Target } from '../streams.ts';
import { Forwarders, type EndpointSlice } from './forwarders.ts';

const ECHO = `
require('node:http').createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { url, method, headers } = request;
  response.writeHead(201, { 'x-answer': 'yes' });
  response.write(JSON.stringify({ url, method, headers, body }));
  if (url !== '/stream') response.end();
}).listen(8080);
`;
const SHOWN = 'default/echo';

let folder: string;
let plane: ControlPlane;
let node: ProcessNode;
let client: KubernetesClient;
let forwarders: Forwarders;
let running: Promise<unknown>;
let open = false;
const stop = new AbortController();

function pod(name: string, image: string, port: number): object {
  const ports = [{ name: 'web', containerPort: port }];
  const readinessProbe = { httpGet: { path: '/health', port: 'web' }, periodSeconds: 1 };
  const container = { name: 'main', image, ports, env: [{ name: 'MCP_TRANSPORT', value: 'http' }], readinessProbe };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, labels: { app: name } }, spec: { containers: [container] } };
}

function service(name: string, labels: object): object {
  const ports = [{ name: 'metrics', port: 9090 }, { name: 'mcp', port: 80, targetPort: 8080 }];
  return { apiVersion: 'v1', kind: 'Service', metadata: { name, labels }, spec: { selector: { app: 'echo' }, ports } };
}

async function run(args: readonly string[], input = ''): Promise<void> {
  const { code, stderr } = await plane.kubectl(args, { input });
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'forwarders-'));
  plane = await startControlPlane({ dir: join(folder, 'plane'), egress: true, auditLog: false });
  const images = { ...EXAMPLE_IMAGES, 'echo:1': [process.execPath, '-e', ECHO] };
  node = await startProcessNode({ controlPlane: plane, dir: join(folder, 'pods'), images });
  client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }));
  const slices = new Informer<EndpointSlice>({ client, type: ENDPOINT_SLICES });
  const reach = (target: Target): Promise<Duplex> => connectThrough(plane.egressSocket ?? '', target);
  forwarders = new Forwarders({ slices, connect: reach, takesToken: () => !open });
  running = slices.run(stop.signal);
  const items = [pod('echo', 'echo:1', 8080), pod('mcp', 'mcp-k8s-server:latest', 3001), service('nobodys', {}), service('echo', { 'mcp.example.com/server': 'echo' })];
  await run(['apply', '-f', '-'], JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await run(['wait', 'pods', '--all', '--for=condition=Ready', '--timeout=30s']);
  await eventually(() => {
    if (forwarders.url(SHOWN) === undefined) throw new Error('it has no URL');
  });
});
afterAll(async () => {
  stop.abort();
  await running;
  for (const each of [forwarders, client]) each?.close();
  await node?.stop();
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

const url = (): string => forwarders.url(SHOWN) ?? '';

test('an MCPServer has a URL of its MCP port, which passes requests and answers on as they are', async () => {
  open = true;
  const answer = await fetch(`${url()}/direct?a=b`, { method: 'POST', body: 'hello', headers: { authorization: 'its own' } });
  expect([answer.status, answer.headers.get('x-answer')]).toEqual([201, 'yes']);
  const { host } = new URL(url());
  expect(await answer.json()).toMatchObject({ url: '/direct?a=b', method: 'POST', body: 'hello', headers: { host, 'content-length': '5', 'authorization': 'its own' } });
});

test('an answer that goes on is passed on as it comes', async () => {
  open = true;
  const answer = await fetch(`${url()}/stream`);
  const reader = answer.body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toContain('"url":"/stream"');
  await reader?.cancel();
});

test('one that takes a token answers 401 to whoever does not show it, and the server behind never sees it', async () => {
  open = false;
  const { token } = forwarders;
  for (const authorization of ['', 'Bearer ', `Basic ${token}`, `Bearer ${token}x`, `Bearer ${token.slice(1)}`, `Bearer ${token}, Bearer ${token}`, token]) {
    const { status } = await fetch(`${url()}/direct`, { headers: { authorization } });
    expect([authorization, status]).toEqual([authorization, 401]);
  }
  expect((await fetch(`${url()}/direct?access_token=${token}`)).status).toBe(401);
  const answer = await fetch(`${url()}/direct`, { headers: { ...forwarders.headers(SHOWN) } });
  expect(answer.status).toBe(201);
  expect(((await answer.json()) as { headers: object }).headers).not.toHaveProperty('authorization');
});

test('a Service that is no MCPServer\'s has none', async () => {
  const { stdout } = await plane.kubectl(['get', 'endpointslices', '-o', 'jsonpath={.items[*].metadata.labels.kubernetes\\.io/service-name}']);
  expect(stdout).toContain('nobodys');
  expect(forwarders.url('default/nobodys')).toBeUndefined();
});

test('neither node nor pods answer on a port, though these listen on all addresses: there are the API server, and what takes a token', async () => {
  open = false;
  const listening = listenersOf(process.pid);
  expect(new Set(listening.map(({ port }) => port))).toEqual(new Set([plane.port, Number(new URL(url()).port)]));
  for (const each of listening) expect([each, await answersWithoutCredentials(each)]).toEqual([each, []]);
});
