// What must hold of `npm start`, on whichever node: what --once says, and that nobody without credentials gets anything but what the demonstration's harmless servers say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect } from 'vitest';
import { portsOf } from '../cluster/demo/stable-ports.ts';
import { answersWithoutCredentials, listenersOf } from './listeners.ts';

interface UsedServer {
  readonly name: string;
  readonly done: string[];
  readonly was?: { readonly reason: string; readonly mendedBy: string };
}

/** What `--once` prints at its end. */
export interface OnceSummary {
  readonly node: string;
  readonly ok: boolean;
  readonly servers: readonly UsedServer[];
}

const OF_KUBERNETES = ['create-pod', 'get-pod-logs', 'delete-pod', 'k8s://cluster/nodes', 'k8s://namespace/kubernetes-mcp-server/pods'];

/** Every server was used, the one that is broken on purpose too, after it was mended by what the status says. */
export function expectAllUsed(output: string): OnceSummary {
  const summary = JSON.parse(output.trim().split('\n').at(-1) ?? '') as OnceSummary;
  expect(output).toContain('kubernetes-mcp-server.yaml with its write rules uncommented');
  expect(output).toMatch(/^default\/broken \w+ 1\/1 WrongPath: POST \/wrong was answered with HTTP 404 .* Mend it: kubectl patch mcps broken /m);
  expect(summary.servers.map(({ name, done }) => [name, done])).toEqual([
    ['default/dice', ['roll-dice']],
    ['default/notes', ['add-note', 'list-notes']],
    ['kubernetes-mcp-server/kubernetes-mcp-server', OF_KUBERNETES],
    ['default/broken', ['roll-dice']],
  ]);
  expect(summary.servers.at(-1)?.was).toEqual({ reason: 'WrongPath', mendedBy: `kubectl patch mcps broken --type merge -p '{"spec":{"path":"/mcp"}}'` });
  expect(summary.ok).toBe(true);
  return summary;
}

interface Connection {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

async function toolsOf({ url, headers = {} }: Connection): Promise<string[]> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

/**
 * Every listener of the demonstration's process tree is on loopback, and refuses strangers unless the configuration for clients, in the
 * folder it runs in, has no token for it; the Kubernetes MCP server takes one.
 */
export async function expectClosed(pid: number, folder: string): Promise<void> {
  const { mcpServers } = JSON.parse(readFileSync(join(folder, 'mcp.json'), 'utf8')) as { mcpServers: Record<string, Connection> };
  const { 'kubernetes-mcp-server': guarded, ...open } = mcpServers;
  expect(Object.entries(open).map(([name, { headers }]) => [name, headers])).toEqual([['dice', undefined], ['notes', undefined]]);
  const listening = listenersOf(pid);
  expect(new Set(listening.map(({ host }) => host))).toEqual(new Set(['127.0.0.1']));
  const answers = await Promise.all(listening.map(answersWithoutCredentials));
  const answering = new Set(listening.filter((_, index) => answers[index]?.length !== 0).map(({ port }) => port));
  for (const { url } of Object.values(open)) expect(answering.delete(Number(new URL(url).port))).toBe(true);
  // What is left is the server that is broken on purpose: a dice server, too, only elsewhere.
  expect(answering.size).toBe(1);
  expect(portsOf(`${folder} default/broken`)).toEqual(expect.arrayContaining([...answering]));

  expect(guarded?.headers).toEqual({ Authorization: expect.stringMatching(/^Bearer [\w-]{43}$/) as string });
  const { url = '' } = guarded ?? {};
  await expect(toolsOf({ url })).rejects.toThrow(/401|token/i);
  await expect(toolsOf({ url, headers: { Authorization: 'Bearer guessed' } })).rejects.toThrow(/401|token/i);
  expect(await toolsOf(guarded as Connection)).toContain('create-pod');
}
