// A server that was sent a credential may repeat it wherever and however it likes: neither results, of which the status is made, nor the log show any of it.
import { afterEach, expect, it } from 'vitest';
import { systemClock } from '../../../reconciler/runtime/clock.ts';
import { createLogger } from '../../../reconciler/runtime/log.ts';
import { askPod } from '../../../reconciler/verification/ask-pod.ts';
import { apiServerExchange } from '../../../reconciler/verification/exchange-api-server.ts';
import { directExchange } from '../../../reconciler/verification/exchange-direct.ts';
import type { HttpExchange } from '../../../reconciler/verification/exchange.ts';
import type { Guard } from '../../../reconciler/verification/secured-exchange.ts';
import { ECHO_SERVERS } from '../../support/echo-servers.ts';
import { certificateFor, serveStateless, serveTls, type RunningServer } from '../../support/mcp-servers.ts';

const TOKEN = 'Zq|kV^x~wJ`gYpX{Kz';
const running: RunningServer[] = [];
afterEach(() => Promise.all(running.splice(0).map((server) => server.close())));

/** What a server may make of what it was sent. */
const ENCODINGS: Readonly<Record<string, (text: string) => string>> = {
  whole: (text) => text,
  'upper case': (text) => text.toUpperCase(),
  reversed: (text) => Array.from(text).toReversed().join(''),
  base64: (text) => Buffer.from(text).toString('base64'),
  hex: (text) => Buffer.from(text).toString('hex'),
  'percent-encoded': (text) => Array.from(Buffer.from(text), (byte) => `%${byte.toString(16)}`).join(''),
  'in full-width letters': (text) => Array.from(text, (each) => String.fromCodePoint(each.charCodeAt(0) + 0xfee0)).join(''),
  spaced: (text) => Array.from(text).join(' '),
};

/** Asks as the operator does, and returns all that is told of it: the result, and the log at its most talkative. */
async function told(exchange: HttpExchange, guard: Partial<Guard> = {}, values: Readonly<Record<string, string>> = {}): Promise<string> {
  const lines: string[] = [];
  const result = await askPod(
    {
      exchangeFor: () => exchange,
      readKey: ({ name }) => Promise.resolve(values[name] ?? TOKEN),
      clock: systemClock,
      log: createLogger({ level: 'trace', destination: { write: (line) => void lines.push(line) } }),
    },
    {
      key: 'ns/demo', pod: { namespace: 'ns', name: 'demo-1', ip: '127.0.0.1', port: 8080 }, path: '/mcp', host: 'demo.ns.svc:8080', timeoutSeconds: 2, patient: false, looks: true,
      guard: { tls: undefined, credentialsSecretRef: { name: 'tokens', key: 'token' }, header: 'X-Api-Key', ...guard },
      signal: new AbortController().signal,
    },
  );
  expect(result).toBeDefined();
  return [JSON.stringify(result), ...lines].join('\n');
}

async function toldOf(server: Promise<RunningServer>): Promise<string> {
  const { port, close } = await server;
  try {
    return await told(directExchange({ ip: '127.0.0.1', port }));
  } finally {
    await close();
  }
}

/** Every run of four characters of a text, or all of it where it is shorter. */
function runsOf(text: string): string[] {
  return text.length < 4 ? [text] : Array.from({ length: text.length - 3 }, (_, at) => text.slice(at, at + 4));
}

it.each(Object.entries(ECHO_SERVERS))('in %s, in every encoding', async (_name, serve) => {
  for (const encode of Object.values(ENCODINGS)) {
    const words = encode(TOKEN);
    const text = await toldOf(serve(words));
    expect(runsOf(words).filter((run) => text.includes(run) || text.includes(JSON.stringify(run).slice(1, -1)))).toEqual([]);
  }
});

it('at every place of a longer text, and of every length', async () => {
  const { 'JSON of HTTP 500': body, 'the message of an error': message, 'name and version': name } = ECHO_SERVERS;
  for (const echo of [body, message, name]) {
    for (let at = 0; at < 110; at += 7) {
      const text = await toldOf(echo!(`${'.'.repeat(at)}${TOKEN}`));
      expect(runsOf(TOKEN).filter((run) => text.includes(run))).toEqual([]);
    }
    for (let length = 1; length < 8; length += 1) {
      const short = '^~`|^~`'.slice(0, length);
      expect(await toldOf(echo!(short))).not.toContain(short);
    }
  }
});

it('as numbers, which are told only where everybody knows them', async () => {
  const { 'the code of an error': code, 'the refusal of tools/list': list } = ECHO_SERVERS;
  expect(await toldOf(code!('31337042'))).not.toMatch(/3133|1337|3370|7042/);
  expect(await toldOf(list!(''))).not.toMatch(/1234|5678/);
});

const statusOf = (message: string): string => JSON.stringify({ kind: 'Status', apiVersion: 'v1', message });

it('in what the API server says of the way to a pod, or the pod in its name', async () => {
  const target = { namespace: 'ns', name: 'demo-1', port: 8080 };
  const says = (status: number, body: string): HttpExchange =>
    apiServerExchange({ request: () => Promise.resolve({ status, headers: {}, body: Buffer.from(body), truncated: false }) }, target);
  for (const sentence of [TOKEN, `error trying to reach service: malformed HTTP response "${TOKEN}"`, `error trying to reach service: ${TOKEN}`]) {
    for (const body of [statusOf(sentence), sentence]) {
      for (const status of [400, 403, 404, 500, 502, 503]) {
        const text = await told(says(status, body));
        expect(runsOf(TOKEN).filter((run) => text.includes(run))).toEqual([]);
      }
    }
  }
});

it('in the names of a certificate', async () => {
  const name = 'zqvkxwjgypxkz.example.com';
  const pair = certificateFor(name);
  running.push(await serveTls(undefined, pair));
  const tls = { caBundleRef: { name: 'authority', key: 'ca.crt' } };
  const text = await told(directExchange({ ip: '127.0.0.1', port: running[0]!.port }), { tls }, { authority: pair.cert });
  expect(text).toContain('BadCertificate');
  expect(text).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  expect(runsOf('zqvkxwjgypxkz').filter((run) => text.includes(run))).toEqual([]);
});

it('in an error nobody thought of', async () => {
  const text = await told(() => Promise.reject(new TypeError(`cannot read "${TOKEN}"\n    at ${TOKEN} (file.js:1)`)));
  expect(text).toContain('TypeError');
  expect(text).toContain('withheld.test.ts');
  expect(runsOf(TOKEN).filter((run) => text.includes(run))).toEqual([]);
});

it('though what was seen is told, and that more was said', async () => {
  expect(await toldOf(ECHO_SERVERS['JSON of HTTP 500']!(TOKEN))).toContain('POST /mcp was answered with HTTP 500, application/json, which is not MCP.');
  expect(await toldOf(ECHO_SERVERS['the message of an error']!(TOKEN))).toContain('refused initialize: (withheld) (-32000). What the server says is (withheld), because it knows a credential.');
  expect(await toldOf(ECHO_SERVERS['location of HTTP 307']!(TOKEN))).toContain('POST /mcp is redirected to (withheld), where clients do not follow.');
  expect(await toldOf(ECHO_SERVERS['a list of revisions']!(TOKEN))).toContain('speaks MCP revisions that are (withheld) only; known are 2026-07-28, 2025-11-25');
  expect(await toldOf(serveStateless())).toContain('{"outcome":"Passed","reason":"Verified","message":"The server speaks MCP 2025-11-25.","server":{"protocolVersions":["2025-11-25"],"sessions":"Stateless"}}');
});

it('also where it is sent no credential any more, for its header is taken', async () => {
  const server = await ECHO_SERVERS['name and version']!(TOKEN);
  running.push(server);
  const guard = { credentialsSecretRef: undefined, header: undefined, knowsCredentials: true } as const;
  const text = await told(directExchange({ ip: '127.0.0.1', port: server.port }), guard);
  expect(runsOf(TOKEN).filter((run) => text.includes(run))).toEqual([]);
});
