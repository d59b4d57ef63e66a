// What get-pod-logs answers for logs of every size, through a real MCP client, from a server that selects as the kubelet does.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import * as fc from 'fast-check';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createCatalog } from '../../../mcp-server/catalog.ts';
import { openCluster } from '../../../mcp-server/cluster/api.ts';
import { startHttpServer } from '../../../mcp-server/transports/http.ts';
import { createLogger } from '../../../mcp-server/log.ts';
import { StreamEnd } from '../../../mcp-server/cluster/log-stream.ts';
import { MAX_LOG_BYTES } from '../../../mcp-server/tools/get-pod-logs.ts';
import { kubeconfig } from '../../kubernetes/credentials.ts';
import { startKubeletLogs, type KubeletLogs } from './kubelet-logs.ts';

const MIB = 1024 * 1024;
/** What one step may read; a kubelet that knows no limit has sent a little more by then. */
const STEP_BYTES = 4 * MIB;

let folder: string;
let kubelet: KubeletLogs;
let client: Client;
let stops: (() => unknown)[];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-logs-'));
});
afterAll(() => rmSync(folder, { recursive: true }));
beforeEach(async () => {
  kubelet = await startKubeletLogs();
  stops = [];
  await open();
});
afterEach(async () => {
  for (const stop of stops.toReversed()) await stop();
  kubelet.close();
});

/** Puts a client in front of a server in front of the kubelet. */
async function open(limits: { logTimeoutMs?: number } = {}): Promise<void> {
  const file = join(folder, 'kubeconfig');
  writeFileSync(file, kubeconfig({ cluster: { server: `http://127.0.0.1:${kubelet.port}` } }));
  const log = createLogger('silent', { write: () => undefined });
  const cluster = openCluster({ kubeconfig: file, env: {}, ...limits });
  const settings = { host: '127.0.0.1', port: 0, allowedHosts: [], allowedOrigins: [], rateLimit: 0 };
  const catalog = createCatalog({ cluster, log });
  const server = await startHttpServer({ catalog, settings, readiness: async () => ({ ready: true }), log });
  client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${server.port}/mcp`)));
  stops.push(() => cluster.close(), () => server.stop(1_000), () => client.close());
}

interface Answer {
  readonly isError: boolean;
  readonly text: string;
  readonly data: { readonly logs: string; readonly lines: number; readonly truncated: boolean; readonly leftOut?: number };
}

async function logs(args: { tailLines?: number; previous?: boolean } = {}): Promise<Answer> {
  const call = { name: 'get-pod-logs', arguments: { name: 'web', ...args } };
  const { isError = false, content: [first], structuredContent } = await client.callTool(call);
  return { isError, text: first?.type === 'text' ? first.text : '', data: structuredContent as Answer['data'] };
}

/** What a reader must get of a log: the newest lines that fit, or the end of the newest line; and how many lines were left out. */
function newest(log: string, tailLines: number): { logs: string; lines: number; leftOut: number } {
  const wanted = log.split(/(?<=\n)/).filter((line) => line !== '').slice(-tailLines);
  let [room, count] = [MAX_LOG_BYTES, 0];
  while (count < wanted.length && Buffer.byteLength(wanted.at(-1 - count) ?? '') <= room) {
    room -= Buffer.byteLength(wanted.at(-1 - count) ?? '');
    count += 1;
  }
  if (count > 0) return { logs: wanted.slice(-count).join(''), lines: count, leftOut: wanted.length - count };
  const bytes = Buffer.from(wanted.at(-1) ?? '');
  const end = new TextDecoder().decode(bytes.subarray(Math.max(0, bytes.length - MAX_LOG_BYTES))).replace(/^\uFFFD+/, '');
  return { logs: end, lines: Math.min(1, wanted.length), leftOut: Math.max(0, wanted.length - 1) };
}

/** A text in short, for failures that can be read: its length, its ends and its digest. */
function short(text: string): string {
  const digest = createHash('sha256').update(text).digest('hex');
  return `${Buffer.byteLength(text)} bytes, ${JSON.stringify([text.slice(0, 40), text.slice(-40)])}, ${digest}`;
}

const numbered = (count: number, length: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index} ${'x'.repeat(length)}\n`).join('');

describe('a log that fits', () => {
  test('comes whole, in one request, and nothing is said to be missing', async () => {
    kubelet.current.write('one\ntwo\nthree\n');
    expect((await logs()).data).toMatchObject({ logs: 'one\ntwo\nthree\n', lines: 3, truncated: false, leftOut: 0 });
    expect((await logs({ tailLines: 2 })).data).toMatchObject({ logs: 'two\nthree\n', lines: 2, truncated: false, leftOut: 0 });
    expect(kubelet.asked).toHaveLength(2);
  });

  test('may be empty, and may be that of the run before', async () => {
    kubelet.previous.write('last words');
    expect((await logs()).data).toMatchObject({ logs: '', lines: 0, truncated: false, leftOut: 0 });
    expect((await logs({ previous: true })).data).toMatchObject({ logs: 'last words', lines: 1, truncated: false, leftOut: 0 });
  });

  test('has whole lines, also where the runtime wrote one in pieces, which the kubelet counts as lines', async () => {
    const long = `${'long '.repeat(8_000)}\n`;
    kubelet.current.write(`old\n${long}new\n`);
    expect((await logs({ tailLines: 2 })).data).toMatchObject({ logs: `${long}new\n`, lines: 2, truncated: false, leftOut: 0 });
  });
});

describe('of a log that does not fit', () => {
  test.each([
    ['many lines', numbered(5_000, 100), 5_000],
    ['more than a step reads', numbered(5_000, 2_000), 5_000],
    ['old lines that are long, new ones that are short', `${numbered(40, 200_000)}${numbered(4_960, 10)}`, 5_000],
    ['old lines that are short, new ones that are long', `${numbered(4_000, 10)}${numbered(1_000, 6_000)}`, 5_000],
    ['lines longer than the result', numbered(100, 100_000), 100],
    ['a line of 10 MiB, then a few', `${'a'.repeat(10 * MIB)}\n${numbered(3, 10)}`, 100],
    ['a line of 10 MiB before the one line asked for', `${'a'.repeat(10 * MIB)}\nlast\n`, 1],
    ['a few, then a line of 10 MiB', `${numbered(3, 10)}${'a'.repeat(10 * MIB)}end\n`, 100],
    ['a line of 10 MiB without an end', `${numbered(3, 10)}${'€'.repeat(3 * MIB)}end`, 100],
    ['no line end at all', '😀'.repeat(1 * MIB), 5_000],
    ['nothing but line ends', '\n'.repeat(100_000), 5_000],
  ])('the newest lines come, and what is said to be missing is older: %s', async (_shape, log, tailLines) => {
    const { leftOut, ...expected } = newest(log, tailLines);
    const isCut = expected.logs !== log.split(/(?<=\n)/).slice(-tailLines).join('');
    for (const pieceBytes of [8 * 1024, 16 * 1024, Infinity]) {
      kubelet.current.rotate();
      kubelet.current.write(log, pieceBytes);
      const { data, text } = await logs({ tailLines });
      expect([short(data.logs), data.lines, data.truncated]).toEqual([short(expected.logs), expected.lines, isCut]);
      expect([leftOut, undefined]).toContain(data.leftOut);
      expect(text.includes('Older lines were left out')).toBe(leftOut > 0);
    }
  });

  test('exactly that much comes whatever the lines, characters and pieces are', async () => {
    const words = fc.string({ unit: fc.constantFrom('a', ' ', 'ä', '€', '😀'), maxLength: 9 });
    const times = fc.oneof({ weight: 8, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.nat(20_000) });
    const lines = fc.array(fc.tuple(words, times), { maxLength: 120 });
    const cases = fc.record({
      log: lines.map((all) => all.map(([text, count]) => text.repeat(count)).join('\n')),
      tailLines: fc.integer({ min: 1, max: 150 }),
      pieceBytes: fc.constantFrom(8 * 1024, 16 * 1024, Infinity),
      manner: fc.record({ ignoresLimitBytes: fc.boolean(), ignoresTailLines: fc.boolean() }),
    });
    await fc.assert(fc.asyncProperty(cases, async ({ log, tailLines, pieceBytes, manner }) => {
      kubelet.current.rotate();
      kubelet.current.write(log, pieceBytes);
      kubelet.manner = manner;
      const { data } = await logs({ tailLines });
      const { leftOut, ...expected } = newest(log, tailLines);
      expect(data).toMatchObject(expected);
      expect([leftOut, undefined]).toContain(data.leftOut);
    }), { numRuns: 100 });
  });

  test('text that is no UTF-8 does not grow beyond the bound', async () => {
    kubelet.current.write(Buffer.alloc(MAX_LOG_BYTES, 0xff), Infinity);
    const { data } = await logs();
    expect(Buffer.byteLength(data.logs)).toBeLessThanOrEqual(MAX_LOG_BYTES);
    expect(data).toMatchObject({ lines: 1, truncated: true, leftOut: 0 });
  });
});

describe('a log that changes while it is read', () => {
  test('grows: every answer ends with a line that was the newest, and has no gap', async () => {
    let written = 0;
    const write = (count: number): void => {
      for (const end = written + count; written < end; written += 1) kubelet.current.write(`${written} ${'x'.repeat(2_000)}\n`);
    };
    write(5_000);
    kubelet.onRequest = () => write(7);
    const { data } = await logs({ tailLines: 5_000 });
    const numbers = data.logs.trimEnd().split('\n').map((line) => Number(line.split(' ', 1)));
    expect(numbers).toEqual(Array.from({ length: data.lines }, (_, index) => (numbers[0] ?? 0) + index));
    expect(numbers.at(-1)).toBe(written - 1);
  });

  test('is rotated: the newest lines are those of the new file', async () => {
    kubelet.current.write(numbered(5_000, 2_000));
    kubelet.onRequest = () => {
      if (kubelet.asked.length !== 2) return;
      kubelet.current.rotate();
      kubelet.current.write('after the rotation\n');
    };
    expect((await logs({ tailLines: 5_000 })).data).toMatchObject({ logs: 'after the rotation\n', lines: 1 });
  });
});

describe('a kubelet that does not do what it is asked', () => {
  test.each([{ ignoresLimitBytes: true }, { ignoresTailLines: true }, { ignoresLimitBytes: true, ignoresTailLines: true }])(
    'gets the newest lines read all the same: %o',
    async (manner) => {
      const log = numbered(20_000, 1_000);
      kubelet.manner = manner;
      kubelet.current.write(log);
      for (const tailLines of [3, 5_000]) {
        const { data } = await logs({ tailLines });
        expect([short(data.logs), data.truncated]).toEqual([short(newest(log, tailLines).logs), tailLines > 3]);
      }
    },
  );

  test('and never ends is left after 64 MiB, and no line is taken for the newest', async () => {
    kubelet.manner = { endless: 'talking' };
    kubelet.current.write(numbered(100, 1_000));
    const { isError, text } = await logs();
    expect([isError, text]).toEqual([true, expect.stringContaining('more than 64 MiB arrived for its newest line alone')]);
    expect(kubelet.sent()).toBeLessThan(64 * MIB + 16 * (STEP_BYTES + MIB));
  });

  test('and falls silent is left in time, and what came is not taken for the newest lines', async () => {
    await open({ logTimeoutMs: 500 });
    kubelet.manner = { endless: 'silent' };
    kubelet.current.write('old\n');
    const { isError, text } = await logs();
    expect([isError, text]).toEqual([true, expect.stringContaining('the log did not end in time')]);
  });

  test('and breaks off in the middle is an error, not a shorter log', async () => {
    kubelet.manner = { breaks: true };
    kubelet.current.write('old\n');
    const { isError, text } = await logs();
    expect([isError, text]).toEqual([true, expect.stringMatching(/^Could not read the logs of pod "web"/)]);
  });
});

test('a line longer than 64 MiB is said to be so', async () => {
  kubelet.current.write(`${'x'.repeat(65 * MIB)}\n`, Infinity);
  const { isError, text } = await logs({ tailLines: 1 });
  expect([isError, text]).toEqual([true, expect.stringContaining('more than 64 MiB arrived for its newest line alone')]);
});

test('a stream of any length and in chunks of any size is held in twice the room of what is kept of it', () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), fc.integer({ min: 1, max: 30 }), (chunks, keepBytes) => {
    const end = new StreamEnd(keepBytes);
    for (const chunk of chunks) end.push(Buffer.from(chunk));
    const all = Buffer.concat(chunks);
    const reading = end.reading(true);
    expect(reading.end).toEqual(all.subarray(Math.max(0, all.length - keepBytes)));
    expect(reading.bytes).toBe(all.length);
    expect(reading.end.buffer.byteLength).toBeLessThanOrEqual(Math.max(2 * keepBytes, Buffer.poolSize));
  }));
});
