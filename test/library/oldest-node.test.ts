// What `engines` and the README say of Node is true: the installed package on the oldest Node it names, a checkout on the oldest it names.
import { execFile, spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import lock from './nodes/package-lock.json' with { type: 'json' };
import { renderDocuments } from '../../reconciler/commands/render/render.ts';
import { lifeOfLeader } from '../support/empty-cluster.ts';
import { serveStateless } from '../support/mcp-servers.ts';
import { startProgram } from '../support/programs.ts';
import { installPackage } from './installation.ts';
import { oldestNodes, type OldestNodes } from './nodes.ts';

const ROOT = join(import.meta.dirname, '../..');
const IMAGE = "image: 'registry.example.com/weather:1'";
let folder: string;
let nodes: OldestNodes;

beforeAll(async () => {
  nodes = await oldestNodes();
  folder = await installPackage();
}, 600_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs a program with such a Node as the first of all that are found, and none of the checkout. */
function run(whose: keyof OldestNodes, cwd: string, [program = '', ...args]: readonly string[]): SpawnSyncReturns<string> {
  const rest = (process.env['PATH'] ?? '').split(':').filter((entry) => !entry.includes('node_modules'));
  const env = { ...process.env, PATH: [nodes[whose], ...rest].join(':'), CDK8S_CHECK_UPGRADE: 'false' };
  return spawnSync(program, args, { cwd, env, encoding: 'utf8', timeout: 60_000 });
}

const operator = (...args: string[]): SpawnSyncReturns<string> => run('package', folder, ['node', 'node_modules/.bin/mcp-operator', ...args]);

describe('on the oldest Node that the package names', () => {
  it('which is the one tried here', () => {
    const { version } = lock.packages['node_modules/oldest-for-package-x64'];
    expect(packageJson.engines.node).toBe(`>=${version}`);
    expect(run('package', folder, ['node', '--version']).stdout).toBe(`v${process.arch === 'x64' ? version : lock.packages['node_modules/oldest-for-package-arm64'].version}\n`);
  });

  it('npm installs it without a warning', () => {
    const { status, stderr } = run('package', folder, ['npm', 'install', '--offline', '--dry-run', '--omit=optional']);
    expect([status, stderr]).toEqual([0, '']);
  });

  it('mcp-operator helps, renders, and says of a kubeconfig there is not that it is not there', () => {
    expect(operator('run', '--help').stdout).toContain('--kubeconfig');
    const file = join(ROOT, 'examples/production-mcpserver.yaml');
    expect(operator('render', '-f', file).stdout).toBe(renderDocuments(readFileSync(file, 'utf8'), file));
    const { status, stderr } = operator('run', '--kubeconfig', 'nowhere');
    expect([status, stderr]).toEqual([1, 'error: kubeconfig nowhere: no such file; give the path of an existing kubeconfig\n']);
  });

  it('mcp-operator verifies a server, and says what is wrong with none', async () => {
    const server = await serveStateless();
    const url = `http://127.0.0.1:${server.port}/mcp`;
    // Not by spawnSync: the server answers from this process. Rejects when it ends with anything but 0.
    const verified = await promisify(execFile)(join(nodes.package, 'node'), ['node_modules/.bin/mcp-operator', 'verify', url], { cwd: folder });
    expect(verified.stdout).toContain('speaks MCP');
    await server.close();
    const { status, stdout } = operator('verify', url);
    expect([status, stdout]).toEqual([2, expect.stringContaining('Nothing listens on port')]);
  });

  it('mcp-operator leads, by a thread of its own, and releases its lease', async () => {
    const life = await lifeOfLeader((kubeconfig, flags) => {
      writeFileSync(join(folder, 'kubeconfig'), kubeconfig);
      const program = [join(folder, 'node_modules/.bin/mcp-operator'), 'run', '--kubeconfig', 'kubeconfig'];
      return startProgram(join(nodes.package, 'node'), [...program, ...flags, '--metrics-bind-address=0', '--health-probe-bind-address=0'], { env: {}, cwd: folder });
    });
    expect(life).toEqual({ leading: expect.stringMatching(/./), code: 0, ended: '' });
  });

  it('an app synthesizes, checked by the plugin', () => {
    const app = join(folder, 'app');
    mkdirSync(app);
    writeFileSync(join(app, 'cdk8s.yaml'), 'language: typescript\napp: node main.js\noutput: dist\nvalidations:\n  - package: ./../node_modules/mcp-server-operator\n    class: MCPServerValidation\n    version: 0.1.0\n');
    const source = (props: string): string => `
      import { App, Chart } from 'cdk8s';
      import { MCPServer, Operator } from 'mcp-server-operator';
      import { McpServer } from 'mcp-server-operator/imports';
      const app = new App();
      new MCPServer(new Chart(app, 'weather', { namespace: 'tools' }), 'weather', { ${props} });
      new Operator(new Chart(app, 'operator'), 'operator', { image: 'registry.example.com/operator:1' });
      new McpServer(new Chart(app, 'resource'), 'demo', { spec: { ${IMAGE} } });
      app.synth();`;
    const synth = (props: string): SpawnSyncReturns<string> => {
      writeFileSync(join(app, 'main.js'), source(props));
      return run('package', app, ['node', join(ROOT, 'node_modules/cdk8s-cli/bin/cdk8s'), 'synth']);
    };
    expect(synth(IMAGE)).toMatchObject({ status: 0, stdout: expect.stringContaining('Validations ended succesfully') });
    expect(readFileSync(join(app, 'dist/weather.k8s.yaml'), 'utf8')).toContain('kind: Deployment');
    expect(synth(`${IMAGE}, port: 70000`)).toMatchObject({ status: 1, stderr: expect.stringContaining('spec.port: must be at most 65535, not 70000') });
  });
});

/** The files of a checkout that npm reads: what is installed in the checkout itself would be taken away. */
function checkout(): string {
  const copy = mkdtempSync(join(tmpdir(), 'checkout-'));
  onTestFinished(() => rmSync(copy, { recursive: true }));
  for (const file of ['package.json', 'package-lock.json', '.npmrc']) copyFileSync(join(ROOT, file), join(copy, file));
  return copy;
}

/** What `npm ci` would do in a checkout: its exit code, and what it warns of. */
function installedWith(...flags: string[]): string {
  const { status, stderr } = run('checkout', checkout(), ['npm', 'ci', '--offline', '--dry-run', ...flags]);
  return `${status} ${stderr}`;
}

describe('on Node 20, a checkout', () => {
  it('which is the one tried here, is installed without a word on engines, for it brings a Node of its own', () => {
    expect(run('checkout', folder, ['node', '--version']).stdout).toMatch(/^v20\./);
    expect(packageJson.devEngines.runtime).toMatchObject({ name: 'node', version: '>=20' });
    expect(installedWith()).toBe('0 ');
    expect(installedWith('--loglevel=warn')).toContain('EBADENGINE');
  });

  it('and the package say in a sentence that their command needs a newer one', () => {
    const { version } = lock.packages['node_modules/oldest-for-checkout-x64'];
    const installed = run('checkout', folder, ['node', 'node_modules/.bin/mcp-operator', '--help']);
    const needed = packageJson.engines.node.slice(2, -2);
    const refusal = `error: mcp-operator needs Node ${needed} or newer, and this is ${version}; install a newer one\n`;
    expect([installed.status, installed.stdout, installed.stderr]).toEqual([1, '', refusal]);
    const { status, stderr } = run('checkout', ROOT, ['node', 'bin/mcp-operator.js', '--help']);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`and this is ${version}; start it with npm run operator`)]);
  });

  it('runs on the Node that it brings', () => {
    expect(existsSync(join(ROOT, 'node_modules/.bin/node'))).toBe(true);
    const { status, stdout } = run('checkout', ROOT, ['npm', 'run', 'operator', '--', '--help']);
    expect([status, stdout]).toEqual([0, expect.stringContaining('--kubeconfig')]);
    expect(run('checkout', ROOT, ['npm', 'exec', '--no', '--', 'node', '--version']).stdout).toBe(`${process.version}\n`);
  });
});
