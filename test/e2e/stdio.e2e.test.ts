// Stdio servers behind the bridge in images of others: the bridge brings all that it needs, so nothing of theirs matters.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { BRIDGE_PATH } from '../../charts/api/labels.ts';
import { bridgeProgram } from '../../charts/bridge-program.ts';
import { NODE } from '../../images/paths.ts';
import { eventually, useNamespace } from '../support/cluster.ts';
import { describeOnNode, mcpClient, User } from './support/e2e.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { MUSL_IMAGE, packServers, SERVER, STATIC_IMAGE } from './stdio/servers.ts';

const user = new User();
const BUILD_LIMIT_MS = 10 * 60_000;

interface Served {
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly tool: string;
  readonly by?: 'InitContainer' | 'ImageVolume';
}

const SERVERS: readonly Served[] = [
  { name: 'static', image: STATIC_IMAGE, command: [SERVER], tool: 'echo' },
  { name: 'musl', image: MUSL_IMAGE, command: [SERVER], tool: 'echo' },
  { name: 'distroless', image: SERVER_IMAGE, command: [NODE, '/app/kubernetes-mcp-server.mjs'], tool: 'get-pod-logs' },
  { name: 'image-volume', image: STATIC_IMAGE, command: [SERVER], tool: 'echo', by: 'ImageVolume' },
];

/** Runs in the pod, on the Node of the bridge. */
const LOOK = `
const fs = require('fs');
const maps = fs.readFileSync('/proc/self/maps', 'utf8').split('\\n').map((line) => line.slice(73)).filter((path) => path.startsWith('/'));
const libraries = [...new Set(maps.map((path) => '/' + path.split('/')[1]))];
let written = 'yes';
try { fs.writeFileSync('${BRIDGE_PATH}/x', 'x'); } catch (error) { written = error.code; }
require('dns').lookup('kubernetes.default.svc', (error, address) => console.log(JSON.stringify({ address: error?.code ?? address, uid: process.getuid(), libraries, written })));`;

describeOnNode('a stdio server in a namespace that enforces restricted, in an image that is', () => {
  const namespace = useNamespace('stdio', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'stdio-servers-'));
    const [program = '', ...args] = inject('imageLoader');
    await promisify(execFile)(program, [...args, await packServers(folder, (line) => process.stderr.write(`stdio: ${line}\n`))]);
    for (const { name, image, command, by } of SERVERS) {
      await user.server(namespace, name, { image, transport: 'stdio', command, ...(by && { stdio: { bridge: { by } } }) });
    }
  }, BUILD_LIMIT_MS);
  afterAll(() => rm(folder, { recursive: true }));

  /** Name of the server's pod, once the bridge in it says that it is ready. */
  async function readyPod(name: string): Promise<string> {
    return await eventually(() => user.pod(namespace, name), { timeoutMs: 60_000, message: `a ready pod of ${name}` }).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${await user.explain(namespace)}`, { cause: error });
    });
  }

  test.each(SERVERS)('$name is Ready, and serves a client over HTTP', async ({ name, tool }) => {
    await user.ready(namespace, name);
    const client = await mcpClient(`${await user.portForward(namespace, `service/${name}`, 8080)}/mcp`);
    expect((await client.listTools()).tools.map((each) => each.name)).toContain(tool);
  });

  test.each(SERVERS)('$name: the bridge runs on libraries of its own, finds names of the cluster, and writes nothing', async ({ name }) => {
    const said = await user.run(['-n', namespace, 'exec', await readyPod(name), '--', ...bridgeProgram(BRIDGE_PATH).slice(0, -1), '-e', LOOK]);
    expect(JSON.parse(said)).toEqual({ address: expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/), uid: 1000, libraries: [BRIDGE_PATH], written: 'EROFS' });
  });

  test('three replicas: a session is served whichever of them is asked, and one that ends takes its own sessions with it alone', async () => {
    const name = 'replicas';
    await user.server(namespace, name, { image: STATIC_IMAGE, transport: 'stdio', command: [SERVER], replicas: 3 });
    await user.ready(namespace, name);
    const pods = (await user.pods(namespace, name)).map(({ metadata }) => metadata?.name ?? '');
    const urls = await Promise.all(pods.map(async (pod) => `${await user.portForward(namespace, `pod/${pod}`, 8080)}/mcp`));
    const sessions = await Promise.all(urls.map(begin));
    for (const url of urls) expect(await Promise.all(sessions.map((session) => ask(url, session)))).toEqual([200, 200, 200]);
    await user.run(['-n', namespace, 'delete', `pod/${pods[0]}`]);
    const [, other = ''] = urls;
    await eventually(async () => expect(await Promise.all(sessions.map((session) => ask(other, session)))).toEqual([404, 200, 200]), {
      timeoutMs: 90_000, message: 'the sessions of the pod that ended are over, and no other',
    });
  });
});

async function post(url: string, message: object, headers: Record<string, string> = {}): Promise<Response> {
  const all = { 'Content-Type': 'application/json', Accept: 'application/json, text/event-stream', ...headers };
  return fetch(url, { method: 'POST', headers: all, body: JSON.stringify({ jsonrpc: '2.0', ...message }), signal: AbortSignal.timeout(20_000) });
}

/** Begins a session; resolves to its id. */
async function begin(url: string): Promise<string> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'e2e', version: '1' } };
  const answer = await post(url, { id: 0, method: 'initialize', params });
  await answer.text();
  const session = answer.headers.get('mcp-session-id') ?? '';
  await post(url, { method: 'notifications/initialized' }, { 'Mcp-Session-Id': session });
  return session;
}

/** Asks in a session; resolves to the HTTP status. */
async function ask(url: string, session: string): Promise<number> {
  const answer = await post(url, { id: 1, method: 'ping' }, { 'Mcp-Session-Id': session });
  await answer.text();
  return answer.status;
}
