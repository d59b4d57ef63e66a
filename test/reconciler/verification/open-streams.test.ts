// Answers that stay open, judged by the operator directly and by a real MCP client.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterEach, describe, expect, it } from 'vitest';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import { handshake } from '../../../reconciler/verification/handshake.ts';
import { ReplyReader } from '../../../reconciler/verification/reading/reply-reader.ts';
import type { RunningServer } from '../../support/mcp-servers.ts';
import { ANSWERED, serveOpenStream, UNANSWERED, type OpenStream } from '../../support/open-streams.ts';

const running: RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

async function judge(stream: OpenStream, timeoutMs: number): Promise<{ outcome: string; reason: string; connects: boolean }> {
  const server = await serveOpenStream(stream);
  running.push(server);
  const [{ outcome, reason }, connects] = await Promise.all([
    handshake(directExchange({ ip: '127.0.0.1', port: server.port }), { path: '/mcp', host: 'tools', timeoutMs }),
    canConnect(server.port, timeoutMs),
  ]);
  return { outcome, reason, connects };
}

async function canConnect(port: number, timeout: number): Promise<boolean> {
  const client = new Client({ name: 'test', version: '1' });
  try {
    await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)), { timeout });
    return true;
  } catch {
    return false;
  } finally {
    await client.close();
  }
}

describe('a server that answers by a stream which stays open', () => {
  it.each(ANSWERED)('is verified, as clients use it, with $name', async (stream) => {
    expect(await judge(stream, 20_000)).toEqual({ outcome: 'Passed', reason: 'Verified', connects: true });
  });

  it.each(UNANSWERED)('hangs, as clients find, with $name', async (stream) => {
    expect(await judge(stream, 1000)).toEqual({ outcome: 'Failed', reason: 'Hang', connects: false });
  });
});

describe('the reply in an event stream', () => {
  const headers = { 'content-type': 'text/event-stream' };
  const reply = `data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result: { name: '🚀' } })}`;
  const note = `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'n' })}\n\n`;

  /** How many bytes are read until it is enough, given so many at a time. */
  function bytesRead(text: string, size: number): number | undefined {
    const look = new ReplyReader().enough({ status: 200, headers });
    if (look === true) return 0;
    const body = Buffer.from(text);
    for (let start = 0; start < body.length; start += size) if (look(body.subarray(start, start + size))) return start + size;
    return undefined;
  }

  it.each(['\n', '\r\n', '\r'])('is found where its event ends, wherever the stream is cut, with line ends %j', (end) => {
    const text = `: hi${end}${end}event: message${end}${reply}${end}`;
    const length = Buffer.byteLength(text);
    for (let size = 1; size <= length + 2; size += 1) {
      const read = bytesRead(`${text}${end}more`, size);
      expect(read).toBeGreaterThan(length);
      expect(read).toBeLessThanOrEqual(length + 1 + size);
    }
  });

  it('is an error without data as well', () => {
    expect(bytesRead(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32_603, message: 'no' } })}\n\n`, 10)).toBeDefined();
  });

  it.each([note, 'data:1\n\n', 'data: {}\r\n\r\n', `event: other\n${reply}\n\n`])('is not looked for beyond 64 other events such as %j', (other) => {
    expect(bytesRead(`${other.repeat(63)}${reply}\n\n`, 100)).toBeDefined();
    expect(bytesRead(`${other.repeat(64)}${reply}\n\n`, 100)).toBeUndefined();
  });

  it('is looked for behind any number of comments and events without data', () => {
    expect(bytesRead(`${': ping\n\nevent: message\nid: 1\ndata:\n\n'.repeat(10_000)}${reply}\n\n`, 1000)).toBeDefined();
  });
});
