// What `mcp-operator verify` says of a server's tools: all pages of the list, within bounds, and no name of one that was sent a header.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import type { Report } from '../../../reconciler/commands/verify/report.ts';
import { verify } from './verify-command.ts';

const TOOL = { name: 'say', description: 'x'.repeat(100), inputSchema: { type: 'object' } };
const TOKENS = Math.ceil(JSON.stringify(TOOL).length / 4);

const INTRODUCTION = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'paged', version: '1' } };

interface Message {
  readonly id?: number;
  readonly method: string;
  readonly params?: { readonly cursor?: string };
}

/** Lists so many pages of two tools each, as event streams. */
async function serve(pages: number): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const resultOf = ({ method, params }: Message): object | undefined => {
    if (method === 'initialize') return INTRODUCTION;
    if (method !== 'tools/list') return undefined;
    asked += 1;
    const page = Number(params?.cursor ?? 0);
    const tools = [{ ...TOOL, name: `${page}a` }, { ...TOOL, name: `${page}b` }];
    return { tools, ...(page + 1 < pages && { nextCursor: String(page + 1) }) };
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const message = JSON.parse(await text(request) || '{"method":""}') as Message;
    const { id } = message;
    const result = resultOf(message);
    const reply = { jsonrpc: '2.0', id, ...(result === undefined ? { error: { code: -32_601, message: 'unknown' } } : { result }) };
    if (id === undefined) response.writeHead(202).end();
    else if (result === undefined) response.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify(reply));
    else response.writeHead(200, { 'content-type': 'text/event-stream' }).end(`event: message\ndata: ${JSON.stringify(reply)}\n\n`);
  };
  const server: Server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`, asked: () => asked };
}

async function toolsAt(url: string, ...args: readonly string[]): Promise<Report['tools']> {
  const { code, stdout } = await verify(url, '-o', 'json', ...args);
  expect(code).toBe(0);
  return (JSON.parse(stdout) as Report).tools;
}

it('reads all pages of the list', async () => {
  const { url } = await serve(3);
  const tools = await toolsAt(url);
  expect(tools).toMatchObject({ count: 6, complete: true });
  expect(tools?.list.map(({ name }) => name).toSorted()).toEqual(['0a', '0b', '1a', '1b', '2a', '2b']);
  expect(Math.abs((tools?.tokens ?? 0) - 6 * TOKENS)).toBeLessThanOrEqual(6);
});

it('ends a list without an end, and says so', async () => {
  const { url, asked } = await serve(Infinity);
  expect(await toolsAt(url)).toMatchObject({ count: 100, complete: false });
  expect(asked()).toBe(50);
});

it('names no tool of a server that was sent a header', async () => {
  const { url } = await serve(1);
  expect(await toolsAt(url, '--header', 'Authorization: Bearer x')).toMatchObject({ count: 2, complete: true, list: [] });
});
