// What must hold while `npm start` runs, on whichever node: nobody without credentials gets anything but what the samples say.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect } from 'vitest';
import { answersWithoutCredentials, listenersOf } from './listeners.ts';

interface Connection {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The HTTP configuration that was printed for MCP clients, by name. */
function printedConnections(output: string): Map<string, Connection> {
  const [, json = ''] = /^MCP client configuration, HTTP:\n(\{.*?^\})/ms.exec(output) ?? [];
  return new Map(Object.entries((JSON.parse(json) as { mcpServers: Record<string, Connection> }).mcpServers));
}

async function toolsOf({ url, headers = {} }: Connection): Promise<string[]> {
  const client = new Client({ name: 'test', version: '1.0.0' });
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  const { tools } = await client.listTools();
  await client.close();
  return tools.map(({ name }) => name);
}

/** Every listener of the demonstration's process tree is on loopback, and refuses strangers unless it was printed without a token; the Kubernetes MCP server takes one. */
export async function expectClosed(pid: number, output: string): Promise<void> {
  const printed = printedConnections(output);
  const samples = [...printed].filter(([, { headers }]) => headers === undefined);
  expect(samples.map(([name]) => name).toSorted()).toEqual(['default-advanced-mcpserver', 'default-basic-mcpserver', 'mcp-system-production-mcpserver']);
  const listening = listenersOf(pid);
  expect(new Set(listening.map(({ host }) => host))).toEqual(new Set(['127.0.0.1']));
  const answers = await Promise.all(listening.map(answersWithoutCredentials));
  const answering = listening.filter((_, index) => answers[index]?.length !== 0);
  expect(new Set(answering.map(({ port }) => port))).toEqual(new Set(samples.map(([, { url }]) => Number(new URL(url).port))));

  const [[, guarded] = []] = [...printed].filter(([name]) => name.endsWith('-kubernetes-mcp-server'));
  expect(guarded?.headers).toEqual({ Authorization: expect.stringMatching(/^Bearer [\w-]{43}$/) });
  const { url = '' } = guarded ?? {};
  await expect(toolsOf({ url })).rejects.toThrow(/401|token/i);
  await expect(toolsOf({ url, headers: { Authorization: 'Bearer guessed' } })).rejects.toThrow(/401|token/i);
  expect(await toolsOf(guarded as Connection)).toContain('create-pod');
}
