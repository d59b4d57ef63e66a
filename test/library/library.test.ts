// The installed package, used as a stranger would: imported, type-checked, synthesized with, and run from the command line.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { renderDocuments } from '../../reconciler/commands/render/render.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import pageJson from '../../reconciler/commands/dashboard/page.json' with { type: 'json' };
import { lifeOfLeader, startEmptyCluster } from '../support/empty-cluster.ts';
import { FULL_SPEC } from '../support/full-spec.ts';
import { lackingHovers } from '../support/hovers.ts';
import { LanguageService } from '../support/language-service.ts';
import { startProgram } from '../support/programs.ts';
import { mcpServer } from '../support/rendered.ts';
import { installPackage } from './installation.ts';

const ROOT = join(import.meta.dirname, '../..');
const EXAMPLES = ['composition', 'resources'];
let folder: string;

beforeAll(async () => {
  folder = await installPackage();
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function run(program: string, ...args: string[]): string {
  return execFileSync(program, args, { cwd: folder, encoding: 'utf8' });
}

/** Type-checks files of the consumer, declarations of the library included. */
function typeCheck(options: object, ...files: string[]): string {
  const compilerOptions = { ...options, strict: true, target: 'esnext', types: [], noEmit: true };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  return spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8' }).stdout;
}

describe('the installed package', () => {
  it('holds what is built and the bin, and neither sources nor tests', () => {
    const files = readdirSync(join(folder, 'node_modules/mcp-server-operator'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))).toEqual([]);
    expect(files).toEqual(expect.arrayContaining(['bin/mcp-operator.js', 'build/lib/charts/library.js', 'build/lib/charts/library.d.ts', 'LICENSE', 'README.md']));
    expect(new Set(files.map((file) => file.split('/')[0]))).toEqual(new Set(['bin', 'build', 'LICENSE', 'README.md', 'package.json']));
  });

  it('renders what the sources render', () => {
    writeFileSync(join(folder, 'render.ts'), `
      import { customResourceDefinition, render, toYaml, type MCPServerManifest } from 'mcp-server-operator';
      const server: MCPServerManifest = ${JSON.stringify(mcpServer(FULL_SPEC))};
      if (customResourceDefinition()['kind'] !== 'CustomResourceDefinition') throw new Error('no CRD');
      console.log(toYaml(render(server)));`);
    expect(run(process.execPath, 'render.ts')).toBe(`${toYaml(render(mcpServer(FULL_SPEC)))}\n`);
  });

  it('synthesizes with the construct, the operator and typed resources', () => {
    writeFileSync(join(folder, 'app.ts'), `
      import { App, Chart } from 'cdk8s';
      import { MCPServer, Operator } from 'mcp-server-operator';
      import { McpServer } from 'mcp-server-operator/imports';
      const app = new App({ outdir: 'app' });
      new MCPServer(new Chart(app, 'demo', { namespace: 'tools' }), 'demo', ${JSON.stringify(FULL_SPEC)});
      new Operator(new Chart(app, 'operator'), 'operator', { image: 'registry.example.com/mcp-server-operator/operator:0.1.0' });
      new McpServer(new Chart(app, 'resource'), 'demo', { spec: { image: 'a:1' } });
      app.synth();`);
    run(process.execPath, 'app.ts');
    const text = (name: string): string => readFileSync(join(folder, 'app', `${name}.k8s.yaml`), 'utf8');
    expect(text('demo')).toBe(toYaml(render(mcpServer(FULL_SPEC))));
    expect(text('operator')).toBe(readFileSync(join(ROOT, 'dist/operator.k8s.yaml'), 'utf8'));
    expect(text('resource')).toContain('kind: MCPServer');
  });

  it.each([
    { module: 'nodenext', moduleResolution: 'nodenext' },
    { module: 'esnext', moduleResolution: 'bundler' },
  ])('type-checks strictly with $moduleResolution, its declarations included, and refuses a wrong prop', (resolution) => {
    writeFileSync(join(folder, 'types.ts'), `
      import { App, Chart } from 'cdk8s';
      import { MCPServer, type MCPServerProps, type MCPServerStatus } from 'mcp-server-operator';
      import type { McpServerSpec } from 'mcp-server-operator/imports';
      const props: MCPServerProps = { image: 'a:1', replicas: 2 };
      const { endpoint, service, selector } = new MCPServer(new Chart(new App(), 'c'), 's', props);
      export const used: [string | undefined, string | undefined, Record<string, string>] = [endpoint, service?.name, selector];
      export const spec: McpServerSpec = { image: 'a:1' };
      export const phase: MCPServerStatus['phase'] = 'Ready';`);
    writeFileSync(join(folder, 'wrong.ts'), "import type { MCPServerProps } from 'mcp-server-operator';\nexport const props: MCPServerProps = { image: 'a:1', replicas: 'two' };\n");
    // Of all that is read, one line is wrong.
    const [first, ...others] = typeCheck(resolution, 'types.ts', 'wrong.ts').trim().split('\n').filter((line) => !line.startsWith(' '));
    expect(first).toMatch(/^(?:.*\/)?wrong\.ts\(2,.*Type 'string' is not assignable to type 'number'/);
    expect(others).toEqual([]);
  });
});

describe('an editor, in an app with the installed package,', () => {
  it('shows of every field of the construct what it is, its default and its bounds', async () => {
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { strict: true, module: 'nodenext', types: [] } }));
    const service = await LanguageService.start(folder);
    onTestFinished(() => service.stop());
    const { looked, lacking } = await lackingHovers(service, join(folder, 'hovers.ts'));
    expect(looked).toBeGreaterThan(500);
    expect(lacking).toEqual([]);
  });
});

describe('the installed mcp-operator', () => {
  it('explains itself', () => {
    expect(run('npx', '--no-install', 'mcp-operator', '--help')).toContain('Usage: mcp-operator');
    expect(run('npx', '--no-install', 'mcp-operator', 'run', '--help')).toContain('--kubeconfig');
  });

  it('renders a file as the one of a checkout does', () => {
    const file = join(ROOT, 'examples/production-mcpserver.yaml');
    expect(run('npx', '--no-install', 'mcp-operator', 'render', '-f', file)).toBe(renderDocuments(readFileSync(file, 'utf8'), file));
  });

  it('serves the page of the dashboard as the sources have it', async () => {
    const cluster = await startEmptyCluster();
    onTestFinished(cluster.close);
    writeFileSync(join(folder, 'kubeconfig'), cluster.kubeconfig);
    const args = [join(folder, 'node_modules/.bin/mcp-operator'), 'dashboard', '--kubeconfig', 'kubeconfig'];
    const dashboard = startProgram(process.execPath, args, { env: {}, cwd: folder });
    const [url = ''] = await dashboard.said(/http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]+/);
    const entered = await fetch(url, { redirect: 'manual' });
    const [cookie = ''] = entered.headers.getSetCookie().map((each) => each.split(';')[0]);
    const page = await fetch(new URL(`${entered.headers.get('location')}page.js`, url), { headers: { cookie } });
    expect([page.status, await page.text()]).toEqual([200, pageJson.script]);
    expect(await dashboard.end()).toBe(0);
  });

  it('leads, by a thread of its own, and releases its lease', async () => {
    const life = await lifeOfLeader((kubeconfig, flags) => {
      writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
      const program = [join(folder, 'node_modules/.bin/mcp-operator'), 'run', '--kubeconfig', 'kubeconfig'];
      const args = [...program, ...flags, '--metrics-bind-address=0', '--health-probe-bind-address=0'];
      return startProgram(process.execPath, args, { env: {}, cwd: folder });
    });
    expect(life).toEqual({ leading: expect.stringMatching(/./), code: 0, ended: '' });
  });
});

describe.each(EXAMPLES)('examples/%s, with the installed package', (name) => {
  const synth = (): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(join(ROOT, 'node_modules/.bin/cdk8s'), ['synth'], { cwd: join(folder, name), encoding: 'utf8', env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' } });

  beforeAll(() => {
    cpSync(join(ROOT, 'examples', name), join(folder, name), { recursive: true });
    symlinkSync('../node_modules', join(folder, name, 'node_modules'));
  });

  it('synthesizes, checked by the plugin of the installed package', () => {
    const { status, stdout, stderr } = synth();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toContain('Validations ended succesfully');
    const files = readdirSync(join(folder, name, 'dist')).filter((file) => file.endsWith('.yaml'));
    const manifests = files.flatMap((file) =>
      parseAllDocuments(readFileSync(join(folder, name, 'dist', file), 'utf8')).map((document) => document.toJS() as Manifest),
    );
    expect(manifests.filter(({ kind }) => kind === (name === 'resources' ? 'MCPServer' : 'Deployment')).map(({ metadata }) => metadata.name)).toEqual(
      expect.arrayContaining(['weather', 'tickets']),
    );
  });

  it('fails with a sentence that says what to do when a server is broken', () => {
    const file = join(folder, name, 'tools.ts');
    writeFileSync(file, readFileSync(file, 'utf8').replace('port: 3000', "port: 3000, path: 'mcp'"));
    const { status, stdout, stderr } = synth();
    expect(status).not.toBe(0);
    expect(`${stdout}${stderr}`).toContain('path must be absolute, such as /mcp');
  });
});
