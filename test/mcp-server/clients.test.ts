// Real clients of both SDKs, and the inspector's CLI, against the real process over HTTP and over stdio.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Client as Client2025 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio2025 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http2025 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { COMPILED } from '../support/compiled.ts';
import { MAIN, startServer, type ServerProcess } from './server-process.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

const info = { name: 'test', version: '1' };
const command = { command: process.execPath, args: [MAIN], env: { ...COMPILED, PATH: process.env['PATH'] ?? '' }, stderr: 'ignore' as const };

async function with2025(transport: Http2025 | Stdio2025): Promise<Client2025> {
  const client = new Client2025(info);
  await client.connect(transport);
  return client;
}

async function withAuto(transport: StreamableHTTPClientTransport | StdioClientTransport): Promise<Client> {
  const client = new Client(info, { versionNegotiation: { mode: 'auto' } });
  await client.connect(transport);
  return client;
}

describe.each([
  ['an SDK v1 client over HTTP', () => with2025(new Http2025(new URL(server.url)))],
  ['an SDK v1 client over stdio', () => with2025(new Stdio2025(command))],
  ['an SDK v2 client in auto mode over HTTP', () => withAuto(new StreamableHTTPClientTransport(new URL(server.url)))],
  ['an SDK v2 client in auto mode over stdio', () => withAuto(new StdioClientTransport(command))],
])('%s', (_name, connect) => {
  test('lists and uses everything', async () => {
    const client = await connect();
    try {
      expect(client.getServerVersion()).toMatchObject({ name: 'kubernetes-mcp-server' });
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name)).toEqual(['create-pod', 'get-pod-logs', 'delete-pod']);
      expect(tools.every((tool) => tool.title !== undefined && tool.outputSchema !== undefined)).toBe(true);
      const result = await client.callTool({ name: 'get-pod-logs', arguments: { name: 'web' } });
      expect(result).toMatchObject({ isError: true, content: [{ type: 'text', text: expect.stringContaining('no Kubernetes credentials') as string }] });
      const { resources } = await client.listResources();
      expect(resources.map((resource) => resource.uri)).toEqual(['k8s://cluster/nodes', 'k8s://namespace/default/pods']);
      await expect(client.readResource({ uri: 'k8s://cluster/nodes' })).rejects.toThrow('no Kubernetes credentials');
      const { prompts } = await client.listPrompts();
      expect(prompts.map((prompt) => prompt.name)).toEqual(['troubleshoot-pod', 'optimize-resources']);
      const prompt = await client.getPrompt({ name: 'troubleshoot-pod', arguments: { podName: 'web' } });
      expect(JSON.stringify(prompt.messages)).toContain('namespace \\"default\\"');
    } finally {
      await client.close();
    }
  });

  test('sends arguments as models write them, and is told of those that mean nothing', async () => {
    const client = await connect();
    try {
      const written = { name: 'web', tailLines: '50', container: null, namespace: '', previous: 'true' };
      const told = async (args: object): Promise<unknown> =>
        (await client.callTool({ name: 'get-pod-logs', arguments: { ...written, ...args } })).content;
      expect(await told({})).toMatchObject([{ text: expect.stringMatching(/in namespace "default": no Kubernetes credentials/) as string }]);
      expect(await told({ tailLines: 'many' })).toMatchObject([{ text: expect.stringMatching(/must be a whole number from 1 to 5000/) as string }]);
      expect(await told({ previous: 'constructor' })).toMatchObject([{ text: expect.stringMatching(/must be true or false/) as string }]);
      expect(await told({ tail: null })).toMatchObject([{ text: expect.stringContaining('tail') as string }]);
    } finally {
      await client.close();
    }
  });
});

test.each([
  ['HTTP', () => withAuto(new StreamableHTTPClientTransport(new URL(server.url)))],
  ['stdio', () => withAuto(new StdioClientTransport(command))],
])('an SDK v2 client in auto mode agrees on the newest protocol over %s', async (_name, connect) => {
  const client = await connect();
  try {
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
  } finally {
    await client.close();
  }
});

/** Tools without what only one era's schema dialect adds. */
function plain(tools: readonly object[]): unknown {
  const added = new Set(['$schema', 'execution', 'additionalProperties']);
  return JSON.parse(JSON.stringify(tools, (key, value: unknown) => (added.has(key) ? undefined : value)));
}

test('both eras describe the same tools, apart from the schema dialect', async () => {
  const older = await with2025(new Http2025(new URL(server.url)));
  const newer = await withAuto(new StreamableHTTPClientTransport(new URL(server.url)));
  try {
    expect(plain((await newer.listTools()).tools)).toEqual(plain((await older.listTools()).tools));
  } finally {
    await older.close();
    await newer.close();
  }
});

/** Runs the inspector's CLI to its end. */
function inspect(args: readonly string[]): Promise<{ code: number; stdout: string }> {
  const inspector = join(import.meta.dirname, '../../node_modules/.bin/mcp-inspector');
  const env = { PATH: process.env['PATH'] ?? '', MCP_INSPECTOR_SECRET_STORE: 'memory' };
  return new Promise((resolve) => {
    execFile(process.execPath, [inspector, '--cli', ...args, '--format', 'json'], { env, timeout: 25_000 }, (error, stdout) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout });
    });
  });
}

describe("the inspector's CLI", () => {
  const targets: [string, () => string[]][] = [
    ['over HTTP', () => [server.url, '--transport', 'http']],
    ['over HTTP, newest era', () => [server.url, '--transport', 'http', '--protocol-era', 'modern']],
    ['over stdio', () => [process.execPath, MAIN]],
  ];

  test.each(targets)('lists the tools %s', async (_name, target) => {
    const { code, stdout } = await inspect([...target(), '--method', 'tools/list']);
    expect([code, stdout.includes('create-pod')]).toEqual([0, true]);
  });

  test.each(targets)('calls a tool %s and sees its error', async (_name, target) => {
    const { code, stdout } = await inspect([...target(), '--method', 'tools/call', '--tool-name', 'delete-pod', '--tool-arg', 'name=web']);
    expect([code, stdout.includes('no Kubernetes credentials')]).toEqual([5, true]);
  });
});
