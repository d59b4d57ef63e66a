// `npm run bench:traces [-- FOLDER]`, after `npm run bundle`: what traces cost the Kubernetes MCP server, as its image runs it, beside the
// same without, and beside the bundle in FOLDER, such as one of an earlier version.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PROGRAMS } from '../../images/programs.ts';
import { BUNDLES } from '../../images/paths.ts';

const RUNS = 7;
const CALLS = 1_000;
const INITIALIZE = { method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } } };

interface Measured {
  readonly startMs: number;
  /** Processor time of the start: the time alone is as much that of whatever else runs. */
  readonly startProcessorMs: number;
  readonly startMiB: number;
  readonly afterMiB: number;
  /** Processor time of a call. */
  readonly callMs: number;
}

interface Case {
  readonly name: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

async function measure({ folder, env }: Case): Promise<Measured> {
  const { Entrypoint = [], Env = [] } = PROGRAMS.find(({ name }) => name === 'kubernetes-mcp-server')?.config ?? {};
  const flags = Entrypoint.slice(1, -1);
  const variables = Object.fromEntries(Env.map((each) => each.split('=', 2))) as Record<string, string>;
  const started = performance.now();
  const server = spawn(process.execPath, [...flags, join(folder, 'kubernetes-mcp-server.mjs'), '--transport', 'http', '--port', '0'], {
    env: { ...variables, ...env }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(server, 'close');
  try {
    const port = await portOf(createInterface(server.stderr));
    await ask(port, INITIALIZE);
    const startMs = performance.now() - started;
    const pid = server.pid ?? 0;
    const startMiB = residentMiB(pid);
    const startProcessorMs = processorMs(pid);
    for (let call = 0; call < CALLS; call += 1) await ask(port, { method: 'tools/call', params: { name: 'get-pod-logs', arguments: { name: 'web' } } });
    return { startMs, startProcessorMs, startMiB, callMs: (processorMs(pid) - startProcessorMs) / CALLS, afterMiB: residentMiB(pid) };
  } finally {
    server.kill('SIGTERM');
    await ended;
  }
}

async function portOf(lines: AsyncIterable<string>): Promise<number> {
  for await (const line of lines) {
    const { msg, port } = JSON.parse(line) as { msg?: string; port?: number };
    if (msg === 'serving MCP') return port ?? 0;
  }
  throw new Error('it does not serve');
}

async function ask(port: number, message: object): Promise<void> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, ...message });
  const response = await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  await response.text();
  if (!response.ok) throw new Error(`it answers ${response.status}`);
}

function residentMiB(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Linux counts in hundredths of a second. */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function median(values: readonly number[]): string {
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0).toFixed(2);
}

const collector = createServer((request, response) => void request.resume().on('end', () => response.end()));
await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const [other] = process.argv.slice(2);
const cases: readonly Case[] = [
  ...(other === undefined ? [] : [{ name: other, folder: other, env: {} }]),
  { name: 'without traces', folder: BUNDLES, env: {} },
  { name: 'with traces', folder: BUNDLES, env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } },
];
const found = new Map<Case, Measured[]>(cases.map((each) => [each, []]));
// In turn, so that what else the machine does is felt by all.
for (let run = 0; run < RUNS; run += 1) for (const each of cases) found.get(each)?.push(await measure(each));
for (const [{ name }, runs] of found) {
  const of = (key: keyof Measured): string => median(runs.map((run) => run[key]));
  const start = `answers after ${of('startMs')} ms, ${of('startProcessorMs')} ms of them computing, with ${of('startMiB')} MiB`;
  process.stdout.write(`${name}: ${start}; a call ${of('callMs')} ms of computing; after ${CALLS} calls ${of('afterMiB')} MiB\n`);
}
process.stdout.write(`the part that is loaded for traces: ${(statSync(join(BUNDLES, 'kubernetes-mcp-server-otlp.mjs')).size / 1024).toFixed(0)} KiB\n`);
collector.close();
