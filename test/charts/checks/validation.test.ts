// The plugin in the real `cdk8s synth`: with our own cdk8s.yaml, and in an app that synthesizes MCPServer resources.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };

const ROOT = join(import.meta.dirname, '../../..');
const CONFIG = parse(readFileSync(join(ROOT, 'cdk8s.yaml'), 'utf8')) as { validations: { package: string; class: string; version: string }[] };
let folder: string;

beforeAll(() => {
  // Inside the project, where the imports of the app are found.
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'build/validation-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs `cdk8s synth` with our plugin on an app with one MCPServer resource. */
function synth(spec: object): { status: number | null; output: string } {
  const [plugin] = CONFIG.validations;
  writeFileSync(join(folder, 'cdk8s.yaml'), JSON.stringify({ app: 'node app.ts', output: 'dist', validations: [{ ...plugin, package: `./../../${plugin?.package}` }] }));
  writeFileSync(join(folder, 'app.ts'), `
    import { App, Chart } from 'cdk8s';
    import { McpServer } from '../../imports/mcp.example.com.ts';
    const app = new App();
    new McpServer(new Chart(app, 'tools'), 'weather', { metadata: { name: 'weather-server' }, spec: ${JSON.stringify(spec)} });
    app.synth();`);
  const { status, stdout, stderr } = spawnSync(join(ROOT, 'node_modules/.bin/cdk8s'), ['synth'], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' },
  });
  return { status, output: `${stdout}${stderr}` };
}

describe('cdk8s synth with the validation plugin', () => {
  it('passes for a valid MCPServer resource', () => {
    expect(synth({ image: 'a:1', transport: 'http' })).toMatchObject({ status: 0, output: expect.stringContaining('success') as string });
  });

  it('fails for a broken one, and names the construct, the field and what to do', () => {
    const { status, output } = synth({ image: 'a:1', drainSeconds: 30, port: 0 });
    expect(status).toBe(2);
    expect(output).toContain('Construct Path: tools/weather');
    expect(output).toContain('MCPServer weather-server, spec.port: must be at least 1, not 0');
    expect(synth({ image: 'a:1', drainSeconds: 30 }).output).toContain(
      'How to fix: MCPServer weather-server, spec.drainSeconds: drainSeconds must be smaller than terminationGracePeriodSeconds: raise the grace period, or set drainSeconds to 0',
    );
  });

  it('fails for text that kubectl would read as something else', () => {
    const { status, output } = synth({ image: 'a:1', config: { mode: '0o17' } });
    expect(status).toBe(2);
    expect(output).toContain('How to fix: MCPServer weather-server, spec.config.mode: kubectl reads the number 15 instead of the text 0o17: write the file with toYaml');
    expect(output).toContain('Construct Path: tools/weather');
  });
});

describe('npm run synth', () => {
  it('checks dist/ with the plugin and leaves nothing but manifests in it', () => {
    const output = join(folder, 'own');
    const stdout = execFileSync(join(ROOT, 'node_modules/.bin/cdk8s'), ['synth', '--output', output], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, CDK8S_CHECK_UPGRADE: 'false' },
    });
    expect(stdout).toContain('Validations ended succesfully');
    expect(readdirSync(output).toSorted()).toEqual(readdirSync(join(ROOT, 'dist')).toSorted());
  });
});

describe('the cdk8s.yaml', () => {
  const plugin = { class: 'MCPServerValidation', version: packageJson.version };

  it('of this project runs the plugin of this version', () => {
    expect(CONFIG.validations).toEqual([{ package: './charts/checks/validation.ts', ...plugin }]);
  });

  it.each(['composition', 'resources'])('of examples/%s does so from the installed package, as docs/gitops.md says', (name) => {
    const text = readFileSync(join(ROOT, 'examples', name, 'cdk8s.yaml'), 'utf8');
    expect(parse(text)).toMatchObject({ validations: [{ package: './node_modules/mcp-server-operator', ...plugin }] });
    expect(readFileSync(join(ROOT, 'docs/gitops.md'), 'utf8')).toContain(`\`\`\`yaml\n${text}\`\`\``);
  });
});
