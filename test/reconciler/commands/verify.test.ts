// `mcp-operator verify` through its front door: what it prints for people and for programs, and its exit code.
import { execFileSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../../../reconciler/commands/verify/recorder.ts';
import type { Report } from '../../../reconciler/commands/verify/report.ts';
import * as servers from '../../support/mcp-servers.ts';
import { start } from './program.ts';
import { file, says, verify, verifyWith } from './verify-command.ts';

const running: servers.RunningServer[] = [];
afterEach(async () => { await Promise.all(running.splice(0).map((each) => each.close())); });

async function reportOf(...args: readonly string[]): Promise<Report> {
  return JSON.parse((await verify(...args, '-o', 'json')).stdout) as Report;
}

async function urlOf(server: Promise<servers.RunningServer>, path = '/mcp', protocol = 'http'): Promise<string> {
  const up = await server;
  running.push(up);
  return `${protocol}://127.0.0.1:${up.port}${path}`;
}

/** What is printed, with the times as `N ms`. */
function timeless(text: string): string {
  return text.replaceAll(/\d+ ms/g, 'N ms');
}

describe('for people', () => {
  it('prints what was asked, what came, what it means', async () => {
    const url = await urlOf(servers.serveStateful(undefined, { tools: true }));
    const { code, stdout, stderr } = await start(['verify', url]);
    const lines = timeless(stdout).split('\n');
    expect({ code, stderr, begins: lines.slice(0, 3), ends: lines.slice(-7) }).toEqual({
      code: 0,
      stderr: '',
      begins: [`Asking ${url}`, '', 'POST /mcp server/discover → 400 application/json, N ms'],
      ends: [
        '', 'Verified: legacy 1.0.0 speaks MCP 2025-11-25.', 'MCP clients can use the server.', '',
        'It offers 1 tool, which costs a client about 47 tokens of every conversation.', '  47  say', '',
      ],
    });
    expect(lines).toEqual(expect.arrayContaining([
      'POST /mcp initialize → 200 text/event-stream, N ms',
      'POST /mcp notifications/initialized → 202, N ms',
      'POST /mcp tools/list → 200 text/event-stream, N ms',
      'DELETE /mcp → 200, N ms',
    ]));
  });

  it('says what to do', async () => {
    const url = await urlOf(servers.serveModern(), '/wrong');
    const { code, stdout } = await verify(url);
    expect(code).toBe(1);
    const [asked = '', looked = '', verdict = ''] = timeless(stdout).split(/^(?=Looking for|WrongPath: )/m);
    expect(asked).toContain('\nPOST /wrong initialize → 404, N ms\n');
    expect(looked).toContain('Looking for MCP at the usual paths\nPOST /mcp server/discover → 200 application/json, N ms\n');
    expect(verdict.split('\n')).toEqual([
      'WrongPath: POST /wrong was answered with HTTP 404 (no content type: Not found).',
      'An MCP client would fail.',
      '',
      'What to do:',
      `- POST /mcp works: use ${url.replace('/wrong', '/mcp')}`,
      '- In an MCPServer: set spec.path to /mcp.',
      '',
    ]);
  });

  it.each<{ name: string; serve: () => Promise<servers.RunningServer>; protocol?: string; reason: string; advice: string }>([
    { name: 'TLS at an http URL', serve: () => servers.serveTls(), reason: 'TLSRequired', advice: 'Ask over TLS: https://127.0.0.1:PORT/mcp' },
    { name: 'no TLS at an https URL', serve: () => servers.serveModern(), protocol: 'https', reason: 'NotTLS', advice: 'Ask without TLS: http://127.0.0.1:PORT/mcp' },
    { name: 'a certificate of its own making', serve: () => servers.serveTls(), protocol: 'https', reason: 'BadCertificate', advice: 'Give the certificate of the authority that issued it with --ca FILE.' },
    { name: 'silence', serve: () => servers.serveTcp(() => {}), reason: 'Hang', advice: 'See the log of the server, or give it more time with --timeout SECONDS.' },
    { name: 'another protocol', serve: () => servers.serveTcp((socket) => socket.end('SSH-2.0-x\r\n')), reason: 'NotMCP', advice: 'Check the port: something else listens on PORT.' },
    { name: 'a demand for credentials', serve: () => servers.serveAnswer({ status: 401 }), reason: 'AuthRequired', advice: "Give credentials with --header 'Authorization: @FILE'" },
    { name: 'a refusal', serve: () => servers.serveAnswer({ status: 403 }), reason: 'Forbidden', advice: 'Ask under the name that clients use, with --host NAME,' },
    { name: 'an overload', serve: () => servers.serveAnswer({ status: 503 }), reason: 'Unreachable', advice: 'See the log of the server, or of what stands before it, and ask again later.' },
    { name: 'one session for all', serve: () => servers.serveOneSession(), reason: 'OneSession', advice: 'Restart the server, for this handshake took its session.' },
    { name: 'the old transport', serve: () => servers.serveSse(), reason: 'SSEOnly', advice: 'Look for a setting of the server that chooses its transport' },
    { name: 'a web page', serve: () => servers.serveAnswer({ status: 200, headers: { 'content-type': 'text/html' }, body: '<h1>' }), reason: 'NotMCP', advice: 'Check port and path of the URL.' },
  ])('$name has its own advice, in lines of 80 columns', async ({ serve, protocol = 'http', reason, advice }) => {
    const url = await urlOf(serve(), '/mcp', protocol);
    const { stdout } = await verify(url, '--timeout', '2');
    expect(stdout).toContain(`\n${reason}: `);
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`What to do: - ${advice.replace('PORT', new URL(url).port)}`);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    expect(stdout.replace(/- In an MCPServer: [^]*/, '')).not.toMatch(/\bspec\./);
  });

  it('a port that nobody listens on, and a name that nobody knows, have theirs', async () => {
    const gone = await servers.serveTcp(() => {});
    await gone.close();
    const refused = await verify(`http://127.0.0.1:${gone.port}/mcp`);
    expect(refused).toMatchObject({ code: 2, stdout: says(new RegExp(`^Unreachable: .*connection refused[^]*- Nothing listens on port ${gone.port} of 127\\.0\\.0\\.1\\. Start the`, 'm')) });
    const unknown = await verify('http://no-such-host.invalid/mcp');
    expect(unknown).toMatchObject({ code: 2, stdout: says(/^Unreachable: .*no address is known for its name[^]*- Check the spelling of no-such-host\.invalid\./m) });
  });

  it('long paths and words of servers are wrapped, and control no terminal', async () => {
    const answer = { status: 404, headers: { 'content-type': 'x'.repeat(90) }, body: `\u001B[31m${'語'.repeat(99)}` };
    const url = await urlOf(servers.serveAnswer(answer), `/${'p'.repeat(190)}`);
    const { stdout } = await verify(url);
    const long = stdout.split('\n').filter((line) => line.length > 80);
    expect(long.filter((line) => !line.includes('http://'))).toEqual([]);
    expect(stdout.replaceAll('\n', '')).not.toMatch(/\p{C}/u);
  });

  it('--help fits a terminal, and tells exit codes and files', async () => {
    const { code, stdout } = await verify('--help');
    expect(code).toBe(0);
    for (const word of ['Exit codes:', '130', "'Authorization: @token-header.txt'", '--host', '--ca', '-o json']) expect(stdout).toContain(word);
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});

describe('for programs', () => {
  it('prints one object, and what happens on standard error', async () => {
    const url = await urlOf(servers.serveStateless(), '/wrong?x=1');
    const { code, stdout, stderr } = await verify(url, '-o', 'json');
    const { origin, host } = new URL(url);
    expect(code).toBe(1);
    const { exchanges, ...rest } = JSON.parse(stdout) as Report;
    expect(rest).toEqual({
      url,
      host,
      outcome: 'Failed',
      reason: 'WrongPath',
      message: 'POST /wrong?x=1 was answered with HTTP 404 (no content type: Not found).',
      advice: [`POST /mcp works: use ${origin}/mcp`, 'In an MCPServer: set spec.path to /mcp.'],
      server: null,
      elsewhere: { path: '/mcp', url: `${origin}/mcp`, transport: 'Streamable HTTP', needsCredentials: false },
      tools: null,
      tried: ['/mcp'],
    } satisfies Omit<Report, 'exchanges'>);
    const milliseconds = expect.any(Number) as number;
    const shapes = [
      { method: 'POST', rpcMethod: 'initialize', path: '/wrong?x=1', status: 404, contentType: null, milliseconds, error: null },
      { method: 'GET', rpcMethod: null, path: '/wrong?x=1', status: 404, contentType: null, milliseconds, error: null },
      { method: 'POST', rpcMethod: 'initialize', path: '/mcp', status: 200, contentType: 'text/event-stream', milliseconds, error: null },
    ] satisfies Exchange[];
    expect(exchanges).toEqual(expect.arrayContaining(shapes));
    expect(stderr).toContain('POST /wrong?x=1 initialize → 404');
  });

  it('says what the server is, and why an answer is missing', async () => {
    expect(await reportOf(await urlOf(servers.serveModern()))).toMatchObject({
      outcome: 'Passed', reason: 'Verified', advice: [], elsewhere: null, tried: [],
      server: { name: 'modern', version: '2.0.0', protocolVersions: ['2026-07-28'], sessions: 'Stateless' },
    });
    const { exchanges, outcome, server } = await reportOf('http://no-such-host.invalid/mcp');
    expect({ outcome, server, first: exchanges[0] }).toMatchObject({
      outcome: 'Unknown', server: null, first: { status: null, contentType: null, error: 'no address is known for its name' },
    });
  });
});

describe('a header', () => {
  it('is sent with the value given, of a file, or of standard input', async () => {
    const url = await guarded();
    const words = { code: 0, stdout: says(/^Verified: The server speaks MCP 2025-11-25\.$/m) };
    expect(await verify(url, '--header', 'Authorization: Bearer canary')).toMatchObject(words);
    expect(await verify(url, '--header', `Authorization: @${file('Bearer canary\r\n')}`)).toMatchObject(words);
    expect(await verifyWith('Bearer canary\n', url, '--header', 'authorization:@-', '--header', 'X-Other: 1')).toMatchObject(words);
    expect(await verify(url)).toMatchObject({ code: 0, stdout: says(/^AuthRequired: /m) });
  });

  it('whose value is refused makes it 1, and the value is not shown', async () => {
    const { code, stdout, stderr } = await verify(await guarded(), '--header', 'Authorization: Bearer wrong-canary');
    expect({ code, stdout }).toEqual({ code: 1, stdout: says(/^Forbidden: The server demands authentication, although it was sent\s+authorization\.$/m) });
    expect(stdout + stderr).not.toContain('canary');
  });

  it('does not go to other paths', async () => {
    const up = await servers.serveStateless();
    const { code, stdout } = await verify(await urlOf(Promise.resolve(up), '/wrong'), '--header', 'X-Key: canary');
    expect({ code, stdout }).toEqual({ code: 1, stdout: says(/^Looking for MCP at the usual paths, without the headers$[^]*^- POST \/mcp works: use/m) });
    const keys = up.requests.map(({ headers }) => headers['x-key']);
    expect(new Set(keys)).toEqual(new Set(['canary', undefined]));
    expect(keys.lastIndexOf('canary')).toBeLessThan(keys.indexOf(undefined));
  });
});

it('--host is the Host header, and the name a certificate of --ca must be for', async () => {
  const up = await servers.serveModern();
  const url = await urlOf(Promise.resolve(up));
  await verify(url, '--host', 'tools.team-a.svc:8080');
  expect(new Set(up.requests.map(({ headers }) => headers.host))).toEqual(new Set(['tools.team-a.svc:8080']));
  const tls = servers.certificateFor('tools.team-a.svc');
  const secure = await urlOf(servers.serveGuarded({ tls }), '/mcp', 'https');
  const trusting = ['--ca', file(`of the test\n${tls.cert}`)];
  expect(await verify(secure, '--host', 'tools.team-a.svc:443', ...trusting)).toMatchObject({ code: 0, stdout: says(/^Verified: /m) });
  expect(await verify(secure, ...trusting)).toMatchObject({ code: 1, stdout: says(/^BadCertificate: /m) });
});

describe('Ctrl-C', () => {
  it('ends it by the signal, and the session that it opened', async () => {
    const ended = Promise.withResolvers<string>();
    const tools = Promise.withResolvers<void>();
    const result = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'slow', version: '1' } };
    const url = await urlOf(servers.serveHttp((request, response) => {
      if (request.method === 'DELETE') ended.resolve(String(request.headers['mcp-session-id']));
      let body = '';
      request.on('data', (chunk) => { body += String(chunk); }).on('end', () => {
        if (body.includes('tools/list')) return tools.resolve();
        const head = { 'content-type': 'application/json', 'mcp-session-id': 'one' };
        response.writeHead(body.includes('"initialize"') ? 200 : 202, head).end(JSON.stringify({ jsonrpc: '2.0', id: 1, result }));
      });
    }));
    const interrupted = start(['verify', url, '--timeout', '60', '-o', 'json'], {
      onStart: (child) => void tools.promise.then(() => child.kill('SIGINT')),
    });
    expect(await interrupted).toMatchObject({ code: null, signal: 'SIGINT', stdout: '' });
    expect(await ended.promise).toBe('one');
  });

  it('ends it while it waits for a value', async () => {
    const pipe = `${file('')}-pipe`;
    execFileSync('mkfifo', [pipe]);
    // Opens when it does.
    const opened = open(pipe, 'w');
    const interrupted = start(['verify', 'http://localhost/mcp', '--header', `X-Key: @${pipe}`], {
      onStart: (child) => void opened.then(() => child.kill('SIGINT')),
    });
    expect(await interrupted).toMatchObject({ code: null, signal: 'SIGINT' });
    await (await opened).close();
  });
});

function guarded(): Promise<string> {
  return urlOf(servers.serveGuarded({ header: ['authorization', 'Bearer canary'] }));
}
