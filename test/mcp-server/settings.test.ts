// Where a setting comes from, which source wins, and what is refused.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../mcp-server/config-file.ts';
import { readSettings, SettingsError } from '../../mcp-server/settings.ts';
import { raw, rpc, runServer, startServer } from './server-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mcp-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function configFile(content: unknown): string {
  const path = join(folder, `${crypto.randomUUID()}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

describe('sources', () => {
  test('without any, it serves stdio, and HTTP would be 127.0.0.1:3001', () => {
    expect(readSettings({}, {})).toMatchObject({ transport: 'stdio', host: '127.0.0.1', port: 3001, logLevel: 'info', metrics: false, rateLimit: 0 });
  });

  test('a flag is stronger than the environment, which is stronger than the config file', () => {
    const file = configFile({ LOG_LEVEL: 'warn', MCP_SERVER_NAME: 'from file' });
    const env = { MCP_CONFIG_FILE: file, MCP_PORT: '4000', MCP_TRANSPORT: 'stdio', LOG_LEVEL: 'error' };
    const settings = readSettings({ transport: 'streamable-http' }, env);
    expect(settings).toMatchObject({ transport: 'streamable-http', port: 4000, logLevel: 'error', title: 'from file' });
  });

  test('http is another name of streamable-http', () => {
    expect(readSettings({}, { MCP_TRANSPORT: 'http' }).transport).toBe('streamable-http');
  });

  test('in a pod it listens on all addresses unless told otherwise', () => {
    const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1' };
    expect(readSettings({}, pod).host).toBeUndefined();
    expect(readSettings({}, { ...pod, MCP_HOST: '127.0.0.9' }).host).toBe('127.0.0.9');
    expect(readSettings({ host: '127.0.0.8' }, { ...pod, MCP_HOST: '127.0.0.9' }).host).toBe('127.0.0.8');
  });

  test('an empty variable counts as absent', () => {
    expect(readSettings({}, { MCP_PORT: '', LOG_LEVEL: '', MCP_CONFIG_FILE: '' })).toMatchObject({ port: 3001, logLevel: 'info' });
  });

  test('numbers and booleans of a hand-written config file are understood', () => {
    const file = configFile({ ENABLE_METRICS: true, RATE_LIMIT_REQUESTS: 100 });
    expect(readSettings({}, { MCP_CONFIG_FILE: file })).toMatchObject({ metrics: true, rateLimit: 100 });
  });

  test('of several files in KUBECONFIG some may be missing, and the flag is stronger', () => {
    const file = configFile({});
    expect(() => readSettings({}, { KUBECONFIG: `/nowhere/config:${file}` })).not.toThrow();
    expect(() => readSettings({ kubeconfig: file }, { KUBECONFIG: '/nowhere/config' })).not.toThrow();
  });

  test('lists are separated by commas', () => {
    const settings = readSettings({}, { MCP_ALLOWED_HOSTS: 'a.example.com, B.example.com.', MCP_ALLOWED_ORIGINS: 'https://a.example.com,http://localhost:5173' });
    expect(settings.allowedHosts).toEqual(['a.example.com', 'b.example.com']);
    expect(settings.allowedOrigins).toEqual(['https://a.example.com', 'http://localhost:5173']);
  });
});

describe('a value that cannot be used is refused with its source and what is expected', () => {
  test.each([
    ['--transport', [{ transport: 'sse' }, {}], 'streamable-http'],
    ['--port', [{ port: '70000' }, {}], '65535'],
    ['--host', [{ host: 'http://x' }, {}], 'IP address'],
    ['MCP_PORT', [{}, { MCP_PORT: 'eighty' }], '65535'],
    ['LOG_LEVEL', [{}, { LOG_LEVEL: 'loud' }], 'debug'],
    ['ENABLE_METRICS', [{}, { ENABLE_METRICS: 'maybe' }], 'true or false'],
    ['RATE_LIMIT_REQUESTS', [{}, { RATE_LIMIT_REQUESTS: '-1' }], 'per minute'],
    ['MCP_ALLOWED_HOSTS', [{}, { MCP_ALLOWED_HOSTS: 'https://a.example.com' }], 'without scheme'],
    ['MCP_ALLOWED_HOSTS', [{}, { MCP_ALLOWED_HOSTS: 'a.example.com:8443' }], 'without scheme'],
    ['MCP_ALLOWED_HOSTS', [{}, { MCP_ALLOWED_HOSTS: '*.example.com' }], 'without scheme'],
    ['MCP_ALLOWED_HOSTS', [{}, { MCP_ALLOWED_HOSTS: 'a..example.com' }], 'without scheme'],
    ['MCP_ALLOWED_HOSTS', [{}, { MCP_ALLOWED_HOSTS: '.svc' }], 'without scheme'],
    ['MCP_ALLOWED_ORIGINS', [{}, { MCP_ALLOWED_ORIGINS: '*' }], 'https://app.example.com'],
    ['MCP_ALLOWED_ORIGINS', [{}, { MCP_ALLOWED_ORIGINS: 'https://a.example.com/' }], 'https://app.example.com'],
  ] as const)('%s', (source, [flags, env], expected) => {
    const read = (): unknown => readSettings(flags, env);
    expect(read).toThrow(SettingsError);
    expect(read).toThrow(source);
    expect(read).toThrow(expected);
  });

  test('in the config file too, by its path and where it stands', () => {
    const file = configFile('{\n  "A": "", "LOG_LEVEL": "loud"}');
    expect(() => readSettings({}, { MCP_CONFIG_FILE: file })).toThrow(`LOG_LEVEL in ${file} (line 2, column 12): expected one of`);
  });

  test.each([
    ['{bad', '1, column 2'],
    ['[]', '1, column 1'],
    ['"text"', '1, column 1'],
    ['', '1, column 1'],
    ['{"LOG_LEVEL":{"a":1}}', '1, column 14'],
    ['{"LOG_LEVEL": "info"\r\n "X": 1}', '2, column 2'],
    ['{\n"X": 1,\n}', '3, column 1'],
    ['{"X": 1} {', '1, column 10'],
    ['{"X": "a\nb"}', '1, column 7'],
    ['{"X": 01}', '1, column 7'],
  ])('a config file that holds %s is refused with the place', (content, place) => {
    const file = configFile(content);
    const message = `MCP_CONFIG_FILE: ${file} must hold one JSON object whose values are strings: it is wrong at line ${place}.`;
    expect(() => readSettings({}, { MCP_CONFIG_FILE: file })).toThrow(new SettingsError(message));
  });

  test('a config file reads as JSON does', () => {
    const scalar = fc.oneof(fc.string(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean());
    fc.assert(fc.property(fc.dictionary(fc.string(), scalar), fc.nat(3), (object, indent) => {
      const { entries, wrong } = readConfig(JSON.stringify(object, undefined, indent));
      expect(wrong).toBeUndefined();
      const read = Object.fromEntries([...entries].map(([key, { text }]) => [key, text]));
      const parsed = Object.entries(JSON.parse(JSON.stringify(object)) as object);
      expect(read).toEqual(Object.fromEntries(parsed.map(([key, value]) => [key, String(value)])));
    }));
  });

  test('the process ends with one sentence and no stack trace', async () => {
    for (const [args, env, text] of [
      [['--port', 'x'], {}, '--port is "x"'],
      [['--transport', 'sse'], {}, '--transport is "sse"'],
      [[], { MCP_CONFIG_FILE: '/nowhere/config.json' }, '/nowhere/config.json cannot be read (ENOENT)'],
      [['--kubeconfig', '/nowhere/config'], {}, '--kubeconfig: /nowhere/config cannot be read (ENOENT)'],
      [['--kubeconfig', folder], {}, `--kubeconfig: ${folder} cannot be read (EISDIR)`],
      [[], { KUBECONFIG: '/nowhere/a:/nowhere/b' }, 'KUBECONFIG: /nowhere/a cannot be read (ENOENT)'],
      [['--transport', 'http', '--host', '999.1.1.1'], {}, 'cannot listen: getaddrinfo E'],
      [['--nonsense'], {}, "unknown option '--nonsense'"],
    ] as const) {
      const { code, stdout, stderr } = await runServer(args, { env });
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toContain(text);
      expect(stderr.trim().split('\n')).toHaveLength(1);
    }
  });

  test('an address in use is one sentence as well', async () => {
    const server = await startServer();
    try {
      const { code, stderr } = await runServer(['--transport', 'http', '--port', String(server.port)]);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^error: cannot listen: .*EADDRINUSE.*\n$/);
    } finally {
      await server.stop();
    }
  });
});

test('--help lists every flag and environment variable', async () => {
  const { code, stdout } = await runServer(['--help']);
  expect(code).toBe(0);
  for (const word of ['--transport', '--host', '--port', '--kubeconfig', 'MCP_TRANSPORT', 'MCP_HOST', 'MCP_PORT', 'KUBECONFIG', 'MCP_ALLOWED_HOSTS', 'MCP_ALLOWED_ORIGINS', 'MCP_CONFIG_FILE', 'MCP_SERVER_NAME', 'LOG_LEVEL', 'ENABLE_METRICS', 'RATE_LIMIT_REQUESTS']) {
    expect(stdout).toContain(word);
  }
});

describe('the keys of the config file have an effect on the running process', () => {
  const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };

  test('MCP_SERVER_NAME is the display title, ENABLE_METRICS opens /metrics, unknown keys are reported once', async () => {
    const file = configFile({ MCP_SERVER_NAME: 'production-k8s-server', ENABLE_METRICS: 'true', CACHE_TTL: '60', DEBUG: '1' });
    const server = await startServer({ env: { MCP_CONFIG_FILE: file } });
    try {
      const serverInfo = { name: 'kubernetes-mcp-server', title: 'production-k8s-server' };
      expect((await raw(server.port, { path: '/health' })).json()).toMatchObject({ serverInfo });
      const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
      expect((await rpc(server.port, { jsonrpc: '2.0', id: 1, method: 'initialize', params })).json().result).toMatchObject({ serverInfo });
      await rpc(server.port, { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'delete-pod', arguments: { name: 'x' } } });
      await rpc(server.port, { jsonrpc: '2.0', id: 3, method: 'made/up' });
      const { body, headers } = await raw(server.port, { path: '/metrics' });
      expect(headers['content-type']).toContain('text/plain');
      expect(body).toContain('mcp_server_requests_total{method="tools/call",status="200"} 1');
      expect(body).toContain('mcp_server_requests_total{method="other",status="200"} 1');
      const operations = [...body.matchAll(/^mcp_server_operation_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(([, labels, count]) => `${labels} ${count}`);
      expect(operations.toSorted()).toEqual([
        'mcp_method_name="_OTHER",network_transport="tcp" 1',
        'mcp_method_name="initialize",network_transport="tcp" 1',
        'mcp_method_name="tools/call",gen_ai_tool_name="delete-pod",error_type="tool_error",network_transport="tcp" 1',
      ]);
      expect(body).toContain('mcp_server_request_duration_seconds_bucket');
      expect(body).toContain('process_resident_memory_bytes');
      const warnings = server.log().filter((line) => line['at'] !== undefined);
      expect(warnings).toMatchObject([{ level: 'warn', at: ['line 1, column 68', 'line 1, column 85'] }]);
    } finally {
      await server.stop();
    }
  });

  test('RATE_LIMIT_REQUESTS answers 429 with Retry-After beyond it, whatever X-Forwarded-For says; health is exempt', async () => {
    const server = await startServer({ env: { MCP_CONFIG_FILE: configFile({ RATE_LIMIT_REQUESTS: '3' }) } });
    try {
      for (const address of ['10.0.0.1', '10.0.0.2', '10.0.0.3']) {
        expect((await rpc(server.port, ping, { 'x-forwarded-for': address })).status).toBe(200);
      }
      const refused = await rpc(server.port, ping, { 'x-forwarded-for': '10.0.0.4' });
      expect(refused.status).toBe(429);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(refused.json().error?.message).toContain('3 requests');
      expect((await raw(server.port, { path: '/health' })).status).toBe(200);
      expect((await raw(server.port, { path: '/ready' })).status).toBe(503);
      expect(server.log().map((line) => line['msg'])).not.toContain('request failed');
    } finally {
      await server.stop();
    }
  });

  test('a log line has a time, a level and a message as the operator writes them, and no process id or host', async () => {
    const { stderr } = await runServer([]);
    const line = JSON.parse(stderr.split('\n')[0] ?? '') as Record<string, unknown>;
    expect(Object.keys(line)).toEqual(['level', 'ts', 'transport', 'msg']);
    expect(line).toMatchObject({ level: 'info', ts: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string, msg: 'serving MCP' });
  });

  test('LOG_LEVEL silences what is below it', async () => {
    const { code, stderr } = await runServer([], { env: { MCP_CONFIG_FILE: configFile({ LOG_LEVEL: 'warn' }) } });
    expect([code, stderr]).toEqual([0, '']);
  });

  test('MCP_ALLOWED_HOSTS and MCP_ALLOWED_ORIGINS open the server to them, with CORS for those origins only', async () => {
    const server = await startServer({ env: { MCP_ALLOWED_HOSTS: 'mcp.example.com', MCP_ALLOWED_ORIGINS: 'https://app.example.com' } });
    try {
      const origin = 'https://app.example.com';
      const answer = await rpc(server.port, ping, { host: 'mcp.example.com', origin });
      expect([answer.status, answer.headers['access-control-allow-origin'], answer.headers['vary']]).toEqual([200, origin, 'Origin']);
      const preflight = await raw(server.port, { method: 'OPTIONS', path: '/mcp', headers: { origin, 'access-control-request-method': 'POST' } });
      expect(preflight.status).toBe(204);
      expect(preflight.headers['access-control-allow-headers']).toMatch(/Mcp-Protocol-Version.*Traceparent, Tracestate/);
      expect((await rpc(server.port, ping, { origin: 'https://other.example.com' })).status).toBe(403);
      expect((await rpc(server.port, ping, { host: 'other.example.com' })).status).toBe(403);
    } finally {
      await server.stop();
    }
  });
});
