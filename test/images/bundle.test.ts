// The bundles, started from a folder without node_modules: they answer as the sources do, and tell what is in them.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import lockfile from '../../package-lock.json' with { type: 'json' };
import { bundle, type Bundle } from '../../images/bundle/bundle.ts';
import { PROGRAMS, type Program } from '../../images/programs.ts';
import { renderDocuments } from '../../reconciler/commands/render/render.ts';
import { startCollector } from '../mcp-server/tracing/collector.ts';
import { complaintsAbout } from '../support/cyclonedx.ts';
import { lifeOfLeader } from '../support/empty-cluster.ts';
import { startProgram } from '../support/programs.ts';

const EXAMPLE = join(import.meta.dirname, '../../examples/basic-mcpserver.yaml');
const FREE_PORTS = ['--metrics-bind-address=127.0.0.1:0', '--health-probe-bind-address=0'];
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
};

let folder: string;
let empty: string;
let kubeconfig: string;
/** Packages that each is known to have in it. */
const KNOWN: Readonly<Record<Program['name'], readonly string[]>> = {
  operator: ['commander', 'pino', 'prom-client', 'yaml', 'zod'],
  'kubernetes-mcp-server': ['@opentelemetry/exporter-trace-otlp-proto', '@opentelemetry/sdk-trace', 'commander', 'pino', 'prom-client', 'yaml', 'zod'],
  'stdio-bridge': [],
};
/** A function that each is known to have. */
const FUNCTION: Readonly<Record<Program['name'], RegExp>> = {
  operator: /^async function runOperator\(options, signal\) \{$/m,
  'kubernetes-mcp-server': /^function readSettings\(flags, env\) \{$/m,
  'stdio-bridge': /^async function startBridge\(/m,
};
const bundles = new Map<Program['name'], Bundle>();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  empty = join(folder, 'empty');
  kubeconfig = join(folder, 'kubeconfig');
  await mkdir(empty);
  // Port 1 of loopback: nothing listens there.
  const nowhere = {
    clusters: [{ name: 'x', cluster: { server: 'http://127.0.0.1:1' } }],
    users: [{ name: 'x', user: {} }],
    contexts: [{ name: 'x', context: { cluster: 'x', user: 'x' } }],
    'current-context': 'x',
  };
  await writeFile(kubeconfig, JSON.stringify(nowhere));
  for (const program of PROGRAMS) bundles.set(program.name, await bundle(program, join(folder, 'first')));
});
afterAll(() => rm(folder, { recursive: true }));

function run(name: Program['name'], ...args: string[]): string {
  return execFileSync(process.execPath, [join(folder, 'first', `${name}.mjs`), ...args], { cwd: empty, env: {}, encoding: 'utf8' });
}

async function ask(url: string, message: object): Promise<{ result: Record<string, unknown> }> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(message) });
  return (await response.json()) as { result: Record<string, unknown> };
}

/** A file of the bundle, and those it imports as it starts. */
async function loadedBy(file: string): Promise<string[]> {
  const code = await readFile(join(folder, 'first', file), 'utf8');
  const imported = [...code.matchAll(/^import .*"\.\/(.*)";$/gm)].map(([, name = '']) => name);
  return [file, ...(await Promise.all(imported.map(loadedBy))).flat()];
}

describe.each(PROGRAMS)('the bundle of $name', ({ name, version: own }) => {
  it('tells version and usage', () => {
    expect(run(name, '--version')).toBe(`${own}\n`);
    expect(run(name, '--help')).toMatch(/^usage: /i);
  });

  it('has the same bytes each time it is made', async () => {
    const program = PROGRAMS.find((each) => each.name === name) ?? PROGRAMS[0]!;
    const second = join(folder, 'second');
    const { files } = await bundle(program, second);
    const written = await readdir(second, { recursive: true, withFileTypes: true });
    const paths = written.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name).slice(second.length + 1));
    expect(paths.filter((file) => file.replace('packages/', '').startsWith(name)).toSorted()).toEqual(files.toSorted());
    for (const file of files) expect(await readFile(join(second, file), 'utf8'), file).toBe(await readFile(join(folder, 'first', file), 'utf8'));
  });

  it('lists exactly its packages as CycloneDX, in the versions of the lockfile, and has a licence text of each', async () => {
    const packages = bundles.get(name)?.packages ?? [];
    const bill = JSON.parse(await readFile(join(folder, 'first', `${name}.cdx.json`), 'utf8')) as {
      components: { name: string; version: string; purl: string; licenses: unknown[] }[];
    };
    const licences = await readFile(join(folder, 'first', `${name}.licences.txt`), 'utf8');
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    expect(complaintsAbout(JSON.stringify(bill))).toEqual([]);
    expect(bill.components.map((each) => `${each.name}@${each.version}`)).toEqual(packages.map((each) => `${each.name}@${each.version}`));
    expect(packages.map((each) => each.name)).toEqual(expect.arrayContaining([...KNOWN[name]]));
    const locked = Object.entries(lockfile.packages).map(
      ([path, each]) => `${path.split('node_modules/').at(-1)}@${(each as { version?: string }).version}`,
    );
    for (const { name: packageName, version, purl, licenses } of bill.components) {
      expect(locked).toContain(`${packageName}@${version}`);
      expect(purl).toBe(`pkg:npm/${packageName.replace('@', '%40')}@${version}`);
      expect(licenses).toHaveLength(1);
      expect(licences).toContain(`\n${packageName} ${version} (`);
    }
  });

  it('leaves a package.json of each package, which is what scanners look for', async () => {
    const { packages = [], files = [] } = bundles.get(name) ?? {};
    const records = files.filter((file) => file.endsWith('package.json'));
    const found = await Promise.all(records.map(async (file) => JSON.parse(await readFile(join(folder, 'first', file), 'utf8')) as object));
    expect(found).toEqual(packages.map((each) => ({ name: each.name, version: each.version, license: each.licence })));
    const zod = `packages/${name}/zod@${packageJson.dependencies.zod}/package.json`;
    expect(records.includes(zod)).toBe(KNOWN[name].includes('zod'));
  });

  it('keeps names and lines, so that the stack of a crash can be read', async () => {
    const parts = bundles.get(name)?.files.filter((file) => file.endsWith('.mjs')) ?? [];
    const code = (await Promise.all(parts.map((file) => readFile(join(folder, 'first', file), 'utf8')))).join('\n');
    expect(code).toMatch(FUNCTION[name]);
  });
});

describe('the bundle of the Kubernetes MCP server', () => {
  it('answers over HTTP: initialize, its tools, metrics, and that a cluster is not there', async () => {
    const env = { KUBECONFIG: kubeconfig, MCP_TRANSPORT: 'http', MCP_PORT: '0', ENABLE_METRICS: 'true', RATE_LIMIT_REQUESTS: '600' };
    const server = startProgram(process.execPath, [join(folder, 'first/kubernetes-mcp-server.mjs')], { env, cwd: empty });
    try {
      const [, port] = await server.said(/"port":(\d+)/);
      const url = `http://127.0.0.1:${port}/mcp`;
      expect((await ask(url, INITIALIZE)).result['serverInfo']).toMatchObject({ name: 'kubernetes-mcp-server', version: packageJson.version });
      expect((await ask(url, { jsonrpc: '2.0', id: 2, method: 'tools/list' })).result['tools']).toHaveLength(3);
      const call = { jsonrpc: '2.0', id: 3, method: 'tools/call', params: { name: 'get-pod-logs', arguments: { namespace: 'default', name: 'x' } } };
      const { result } = await ask(url, call);
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result)).toContain('ECONNREFUSED');
      expect(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).toContain('process_resident_memory_bytes');
    } finally {
      expect(await server.end()).toBe(0);
    }
  });

  it('sends traces where an endpoint is set, by a part that nothing else loads', async () => {
    const collector = await startCollector();
    const env = { KUBECONFIG: kubeconfig, MCP_TRANSPORT: 'http', MCP_PORT: '0', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
    const server = startProgram(process.execPath, [join(folder, 'first/kubernetes-mcp-server.mjs')], { env, cwd: empty });
    try {
      const [, port] = await server.said(/"port":(\d+)/);
      await ask(`http://127.0.0.1:${port}/mcp`, { jsonrpc: '2.0', id: 2, method: 'tools/list' });
    } finally {
      expect(await server.end()).toBe(0);
      await collector.close();
    }
    expect(collector.spans().map(({ name }) => name)).toEqual(['tools/list']);
    const parts = bundles.get('kubernetes-mcp-server')?.files.filter((file) => file.endsWith('.mjs')) ?? [];
    const texts = await Promise.all(parts.map(async (file) => [file, await readFile(join(folder, 'first', file), 'utf8')] as const));
    expect(texts.filter(([, code]) => code.includes('OTLPTraceExporter')).map(([file]) => file)).toEqual(['kubernetes-mcp-server-otlp.mjs']);
    const importers = texts.filter(([, code]) => /^import .*"\.\/kubernetes-mcp-server-otlp\.mjs";$/m.test(code));
    expect(importers.map(([file]) => file)).toEqual([]);
  });

  it('answers over stdio', async () => {
    const server = startProgram(process.execPath, [join(folder, 'first/kubernetes-mcp-server.mjs')], { env: { KUBECONFIG: kubeconfig }, cwd: empty });
    try {
      server.process.stdin?.write(`${JSON.stringify(INITIALIZE)}\n`);
      await server.said(/"serverInfo":\{"name":"kubernetes-mcp-server"/);
    } finally {
      expect(await server.end()).toBe(0);
    }
  });
});

describe('the bundle of the operator', () => {
  it('has no page, and says so to who wants to see it', async () => {
    const parts = bundles.get('operator')?.files.filter((file) => file.endsWith('.mjs')) ?? [];
    const code = (await Promise.all(parts.map((file) => readFile(join(folder, 'first', file), 'utf8')))).join('\n');
    expect(code).not.toContain('All MCPServers');
    const { status, stderr } = spawnSync(process.execPath, [join(folder, 'first/operator.mjs'), 'dashboard'], { cwd: empty, env: {}, encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, 'error: this program comes without the page: use mcp-operator of the package, or of a checkout\n']);
  });

  it('renders what the sources render', async () => {
    expect(run('operator', 'render', '-f', EXAMPLE)).toBe(renderDocuments(await readFile(EXAMPLE, 'utf8'), EXAMPLE));
  });

  it('leads, by a thread that has a file of its own and loads little else, and releases its lease', async () => {
    const file = join(folder, 'kubeconfig-of-empty-cluster');
    const life = await lifeOfLeader(async (kubeconfig, flags) => {
      await writeFile(file, kubeconfig);
      const args = [join(folder, 'first/operator.mjs'), 'run', '--kubeconfig', file, ...flags, ...FREE_PORTS];
      return startProgram(process.execPath, args, { env: {}, cwd: empty });
    });
    expect(life).toEqual({ leading: expect.stringMatching(/./), code: 0, ended: '' });
    expect((await loadedBy('operator-election-thread.mjs')).some((each) => /command-line|schemas|render|user-error/.test(each))).toBe(false);
  });

  it('reads a kubeconfig, runs, and ends on SIGTERM', async () => {
    const args = ['run', '--kubeconfig', kubeconfig, ...FREE_PORTS];
    const operator = startProgram(process.execPath, [join(folder, 'first/operator.mjs'), ...args], { env: {}, cwd: empty });
    try {
      await operator.said(/"server":"http:\/\/127.0.0.1:1","inCluster":false,"msg":"starting"/);
      await operator.said(/ECONNREFUSED/);
    } finally {
      expect(await operator.end()).toBe(0);
    }
  });
});
