// How the process starts and ends, with an API server that keeps a request waiting.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAIN, raw, rpc, runServer, startServer, type ServerProcess } from './server-process.ts';

/** An API server that answers nothing until the test does: the part of it that matters here is its silence. */
let api: Server;
let waiting: ServerResponse[];
let aborted: number;
let folder: string;
let kubeconfig: string;
beforeEach(async () => {
  waiting = [];
  aborted = 0;
  api = createServer((req, res) => {
    waiting.push(res);
    res.once('close', () => (aborted += res.writableEnded ? 0 : 1));
  });
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve));
  folder = mkdtempSync(join(tmpdir(), 'mcp-lifecycle-'));
  kubeconfig = join(folder, 'kubeconfig');
  const server = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'secret-token' } }],
  };
  writeFileSync(kubeconfig, JSON.stringify(config));
});
afterEach(() => {
  api.closeAllConnections();
  api.close();
  rmSync(folder, { recursive: true });
});

const listNodes = { jsonrpc: '2.0', id: 1, method: 'resources/read', params: { uri: 'k8s://cluster/nodes' } };
const until = async (condition: () => boolean): Promise<void> => {
  for (let i = 0; i < 3000 && !condition(); i += 1) await new Promise((resolve) => setTimeout(resolve, 20));
  expect(condition()).toBe(true);
};
const logOf = (server: ServerProcess): string[] => server.log().map((line) => String(line['msg']));
/** A request on a connection that stays open afterwards. */
const post = (port: number, { agent, message }: { agent: Agent; message: object }): Promise<string> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method: 'POST', path: '/mcp', agent, headers: { 'content-type': 'application/json' } }, (res) => {
      let text = '';
      res.on('data', (chunk) => (text += String(chunk))).on('end', () => resolve(text));
    });
    sent.on('error', reject).end(JSON.stringify(message));
  });
const answerNodes = (res: ServerResponse | undefined): void => {
  res?.setHeader('content-type', 'application/json').end(JSON.stringify({ kind: 'NodeList', apiVersion: 'v1', metadata: {}, items: [] }));
};

describe('SIGTERM over HTTP', () => {
  test('a request being answered is finished, new connections are refused, idle ones closed, and the process exits 0', async () => {
    const server = await startServer({ args: ['--kubeconfig', kubeconfig] });
    const agent = new Agent({ keepAlive: true });
    await new Promise<void>((resolve, reject) => {
      request({ port: server.port, path: '/health', agent }, (res) => res.resume().on('end', resolve)).on('error', reject).end();
    });
    const answer = post(server.port, { agent, message: listNodes });
    await until(() => waiting.length === 1);
    server.child.kill('SIGTERM');
    server.child.kill('SIGTERM');
    await until(() => logOf(server).includes('stopping'));
    await expect(raw(server.port, { path: '/health' })).rejects.toThrow('ECONNREFUSED');
    answerNodes(waiting[0]);
    expect(await answer).toContain('k8s://cluster/nodes');
    expect((await server.ended).code).toBe(0);
    expect(logOf(server).filter((line) => line === 'stopping')).toHaveLength(1);
    expect(logOf(server).join()).not.toContain('cut off');
    agent.destroy();
  });

  test('a call over a kept connection is still answered, and told to come back over a new one', async () => {
    const server = await startServer();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const health = (): Promise<{ connection: string | undefined; reused: boolean }> =>
      new Promise((resolve, reject) => {
        const asked = request({ port: server.port, path: '/health', agent }, (res) =>
          res.resume().on('end', () => resolve({ connection: res.headers.connection, reused: asked.reusedSocket })),
        );
        asked.on('error', reject).end();
      });
    expect(await health()).toEqual({ connection: 'keep-alive', reused: false });
    server.child.kill('SIGTERM');
    await until(() => logOf(server).includes('stopping'));
    expect(await health()).toEqual({ connection: 'close', reused: true });
    expect((await server.ended).code).toBe(0);
    agent.destroy();
  });

  test('SIGINT ends an idle server the same way', async () => {
    const server = await startServer();
    server.child.kill('SIGINT');
    expect((await server.ended).code).toBe(0);
  });
});

test('a client that leaves cancels its request to the API server', async () => {
  const server = await startServer({ args: ['--kubeconfig', kubeconfig] });
  try {
    for (const headers of [{}, modern('resources/read', 'k8s://cluster/nodes')]) {
      const body = { ...listNodes, params: { ...listNodes.params, _meta: envelope } };
      const sent = request({ host: '127.0.0.1', port: server.port, method: 'POST', path: '/mcp', headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers } });
      sent.on('error', () => undefined);
      sent.end(JSON.stringify(Object.keys(headers).length === 0 ? listNodes : body));
      const before = aborted;
      await until(() => waiting.length === before + 1);
      sent.destroy();
      await until(() => aborted > before);
    }
    expect(aborted).toBe(2);
    expect(server.log().filter((line) => line['level'] === 'error')).toEqual([]);
  } finally {
    await server.stop();
  }
});

const envelope = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28', 'io.modelcontextprotocol/clientCapabilities': {}, 'io.modelcontextprotocol/clientInfo': { name: 'test', version: '1' } };
function modern(method: string, name: string): Record<string, string> {
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': method, 'mcp-name': name };
}

test('an API server that went away is a sentence with a hint, and /ready says so, without the token', async () => {
  api.close();
  api.closeAllConnections();
  const server = await startServer({ args: ['--kubeconfig', kubeconfig] });
  try {
    const answer = await rpc(server.port, listNodes);
    expect(answer.json().error?.message).toMatch(/^Could not list nodes: no connection to the API server \(ECONNREFUSED\); .*\nHint: The API server could not be reached/s);
    expect(answer.body).not.toContain('127.0.0.1');
    const ready = await raw(server.port, { path: '/ready' });
    expect(ready.status).toBe(503);
    expect(ready.json()['reason']).toContain('could not be reached');
    expect(ready.body).not.toMatch(/127\.0\.0\.1|mcp-lifecycle/);
    await raw(server.port, { path: '/ready' });
    const logged = server.log().filter(({ msg }) => msg === 'not ready');
    expect(logged).toMatchObject([{ level: 'warn', reason: expect.stringContaining('ECONNREFUSED 127.0.0.1:') as string }]);
  } finally {
    const { stderr } = await server.stop();
    expect(stderr).not.toContain('secret-token');
  }
});

test('a kubeconfig that vanished is looked for again later; the log alone names it', async () => {
  const server = await startServer({ env: { KUBECONFIG: kubeconfig } });
  rmSync(kubeconfig);
  try {
    const closed = 'Could not list nodes: the kubeconfig cannot be used; the log of the Kubernetes MCP server says more.';
    expect((await rpc(server.port, listNodes)).json().error?.message).toBe(closed);
    expect(JSON.stringify(server.log())).toContain(`${kubeconfig}: no such file`);
    writeFileSync(kubeconfig, JSON.stringify({}));
    expect((await rpc(server.port, listNodes)).json().error?.message).toBe(closed);
    expect(JSON.stringify(server.log())).toContain(`${kubeconfig}: has no current-context`);
  } finally {
    await server.stop();
  }
});

test('over stdio the client is the user, and is told the name of the file', async () => {
  writeFileSync(kubeconfig, '{}');
  const { stdout } = await runServer(['--kubeconfig', kubeconfig], { input: initialize + message({ ...listNodes, id: 2 }) });
  expect(answersIn(stdout).get(2)).toMatchObject({ error: { message: expect.stringContaining(`${kubeconfig}: has no current-context`) as string } });
});

const message = (value: object): string => `${JSON.stringify({ jsonrpc: '2.0', ...value })}\n`;
const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
const initialize = message({ id: 1, method: 'initialize', params }) + message({ method: 'notifications/initialized' });
/** Answers by the id of their request; fails when standard output holds anything but messages. */
const answersIn = (stdout: string): Map<number, object> =>
  new Map(stdout.trim().split('\n').map((line) => JSON.parse(line) as { id: number }).map((answer) => [answer.id, answer]));

describe('over stdio', () => {
  test('the process exits 0 when the client closes standard input, and says nothing but protocol on standard output', async () => {
    const { code, stdout } = await runServer([], { input: initialize });
    expect(code).toBe(0);
    const answers = answersIn(stdout);
    expect([...answers.keys()]).toEqual([1]);
    expect(answers.get(1)).toMatchObject({ result: { serverInfo: { name: 'kubernetes-mcp-server' } } });
  });

  test.each([
    ['2025-11-25', initialize, {}],
    ['2026-07-28', '', { _meta: envelope }],
  ])('every request of %s piped in one go is answered before the process exits 0', async (_era, opening, meta) => {
    const call = { name: 'create-pod', arguments: { name: 'web', image: 'nginx' }, ...meta };
    const requests =
      message({ id: 2, method: 'tools/list', params: meta }) +
      message({ id: 3, method: 'tools/call', params: call }) +
      message({ id: 4, method: 'resources/read', params: { uri: 'k8s://cluster/nodes', ...meta } });
    const { code, stdout } = await runServer([], { input: opening + requests });
    expect(code).toBe(0);
    const answers = answersIn(stdout);
    expect([...answers.keys()].toSorted((a, b) => a - b)).toEqual(opening === '' ? [2, 3, 4] : [1, 2, 3, 4]);
    expect(answers.get(2)).toMatchObject({ result: { tools: expect.any(Array) as unknown[] } });
    expect(answers.get(3)).toMatchObject({ result: { isError: true } });
    expect(answers.get(4)).toMatchObject({ error: { message: expect.stringContaining('no Kubernetes credentials') as string } });
  });

  test.each(['SIGTERM', 'end of input'])('a call that waits for the API server is finished after %s', async (reason) => {
    const child = spawn(process.execPath, [MAIN, '--kubeconfig', kubeconfig], { stdio: ['pipe', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stderr.on('data', (chunk) => (stderr += String(chunk)));
    child.stdout.on('data', (chunk) => (stdout += String(chunk)));
    const ended = once(child, 'close');
    child.stdin.write(initialize + message({ ...listNodes, id: 2 }));
    await until(() => waiting.length === 1);
    if (reason === 'SIGTERM') child.kill('SIGTERM');
    else child.stdin.end();
    await until(() => stderr.includes('stopping'));
    answerNodes(waiting[0]);
    expect(await ended).toEqual([0, null]);
    expect(answersIn(stdout).get(2)).toMatchObject({ result: { contents: [{ uri: 'k8s://cluster/nodes' }] } });
  });

  test('a call that is never answered holds the end up for ten seconds only, a cancelled one not at all', async () => {
    const input = initialize + message({ ...listNodes, id: 2 });
    const [stuck, cancelled] = await Promise.all([
      runServer(['--kubeconfig', kubeconfig], { input }),
      runServer(['--kubeconfig', kubeconfig], { input: input + message({ method: 'notifications/cancelled', params: { requestId: 2 } }) }),
    ]);
    expect([stuck.code, cancelled.code]).toEqual([0, 0]);
    expect(stuck.stderr).toContain('cut off after 10000 ms');
    expect(cancelled.stderr).not.toContain('cut off');
  });

  test('SIGTERM ends it with 0', async () => {
    const child = spawn(process.execPath, [MAIN], { stdio: ['pipe', 'ignore', 'pipe'] });
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise((resolve) => child.stderr.once('data', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });
});
