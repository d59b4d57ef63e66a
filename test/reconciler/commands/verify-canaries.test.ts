// What a server makes of a header that `verify` sent it is printed nowhere: neither in lines nor in JSON.
import { afterEach, expect, it } from 'vitest';
import { exchangeLine, verdictLines } from '../../../reconciler/commands/verify/report.ts';
import { verify } from '../../../reconciler/commands/verify/verify.ts';
import { ECHO_SERVERS } from '../../support/echo-servers.ts';
import { serveHttp, serveTcp, type RunningServer } from '../../support/mcp-servers.ts';

const TOKEN = 'Zq|kV^x~wJ`gYpX{Kz';
const ENCODINGS: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.slice(3, -3),
  (text) => Buffer.from(text).toString('base64'),
  (text) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join(''),
  (text) => Array.from(text).toReversed().join(''),
];
const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

/** All that is printed, of either output. */
async function printed(server: Promise<RunningServer>, timeoutSeconds = 2): Promise<string> {
  const up = await server;
  running.push(up);
  const lines: string[] = [];
  const url = new URL(`http://127.0.0.1:${up.port}/mcp`);
  const how = { timeoutSeconds, tell: (line: string) => void lines.push(line), signal: new AbortController().signal };
  const report = await verify({ url, host: url.host, headers: { 'x-key': TOKEN } }, how);
  expect(report.exchanges.length).toBeGreaterThan(0);
  const text = [...lines, JSON.stringify(report), verdictLines(report), ...report.exchanges.map((each) => exchangeLine(each))].join('\n');
  return text.replaceAll(/\s+/g, ' ');
}

function runsOf(text: string): string[] {
  return Array.from({ length: text.length - 3 }, (_, at) => text.slice(at, at + 4));
}

function seen(words: string, text: string): string[] {
  return runsOf(words).filter((run) => text.includes(run) || text.includes(JSON.stringify(run).slice(1, -1)));
}

it.each(Object.entries(ECHO_SERVERS))('in %s', async (_name, serve) => {
  for (const encode of ENCODINGS) {
    const words = encode(TOKEN);
    expect(seen(words, await printed(serve(words)))).toEqual([]);
  }
});

it.each<[string, (words: string) => Promise<RunningServer>]>([
  ['an answer that never ends', (words) => serveHttp((_request, response) => {
    response.writeHead(200, { 'content-type': words.replaceAll(/[^\w]/g, ''), 'x-token': words }).write(words);
  })],
  ['a head that never ends', (words) => serveTcp((socket) => void socket.write(`HTTP/1.1 200 ${words}\r\nX-Token: ${words}\r\n`))],
  ['a redirect into the token', (words) => serveHttp((_request, response) => void response.writeHead(307, { location: `/${encodeURIComponent(words)}/mcp` }).end())],
])('in %s', async (_name, serve) => {
  const text = await printed(serve(TOKEN), 1);
  expect(seen(TOKEN, text)).toEqual([]);
  expect(seen(encodeURIComponent(TOKEN), text)).toEqual([]);
});

it('a server that says nothing of it is told apart all the same', async () => {
  expect(await printed(ECHO_SERVERS['JSON of HTTP 500']!(TOKEN))).toContain('NotMCP: POST /mcp was answered with HTTP 500, application/json, which is not MCP.');
});
