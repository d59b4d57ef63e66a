// The app of docs/gitops.md, as it is written there: its files, its commands, the installed package; and the examples in its place.
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { copyPackages } from './installation.ts';
import { packInto } from './packed.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/gitops.md'), 'utf8');
const [, RECIPE = ''] = PAGE.split(/^## /m);
let folder: string;

/** Files of the recipe by name: a name in code at the start of a line, and the block below it. */
const FILES = new Map(
  [...RECIPE.matchAll(/^`([\w.]+)`: [^\n]*\n\n```\w+\n(.*?)```/gms)].map(([, name = '', text = '']): [string, string] => [name, text]),
);
const [, COMMANDS = ''] = /```sh\n(npm install\n.*?)```/s.exec(RECIPE) ?? [];

/** A command of the page, by a shell, in the app. */
function run(command: string, more: readonly string[] = []): SpawnSyncReturns<string> {
  const env = { ...process.env, CDK8S_CHECK_UPGRADE: 'false' };
  return spawnSync('sh', ['-c', [command, ...more].join(' ')], { cwd: folder, env, encoding: 'utf8', timeout: 120_000 });
}

const FINE = expect.objectContaining({ status: 0, stderr: '' }) as object;

/** Kinds of the objects in a file that was synthesized. */
function kindsIn(chart: string): string[] {
  const documents = parseAllDocuments(readFileSync(join(folder, 'dist', `${chart}.k8s.yaml`), 'utf8'));
  return documents.map((document) => (document.toJS() as { kind: string }).kind);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gitops-app-'));
  await packInto(folder);
  for (const [name, text] of FILES) writeFileSync(join(folder, name), text);
  const { dependencies, devDependencies } = JSON.parse(FILES.get('package.json') ?? '{}') as Record<string, Record<string, string>>;
  copyPackages(folder, [...Object.keys({ ...dependencies, ...devDependencies }), '']);
}, 300_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the app of docs/gitops.md', () => {
  it('is made of four files besides the package', () => {
    expect([...FILES.keys()]).toEqual(['package.json', 'tsconfig.json', 'cdk8s.yaml', 'main.ts']);
    expect(COMMANDS.trim().split('\n')).toEqual(['npm install', 'npm run check', 'npm run synth']);
  });

  it('is installed, type-checks, and synthesizes at the first try', () => {
    const [install = '', ...others] = COMMANDS.trim().split('\n');
    // Everything but the tarball is in place already: an empty cache and no network show that nothing else is wanted. Without a
    // registry npm cannot look for peers; that they are there, in versions that fit, it says afterwards.
    const offline = ['--offline', `--cache=${join(folder, 'empty-cache')}`, '--legacy-peer-deps'];
    expect(run(install, offline)).toMatchObject({ status: 0 });
    expect(run('npm ls --omit=optional')).toMatchObject({ status: 0, stdout: expect.stringMatching(/ mcp-server-operator@0/) });
    for (const command of others) expect([command, run(command)]).toEqual([command, FINE]);
    expect(kindsIn('weather')).toContain('Deployment');
    expect(kindsIn('tickets')).toEqual(['MCPServer']);
  });

  it('is told what is wrong by the compiler, and by the plugin', () => {
    const main = join(folder, 'main.ts');
    const text = readFileSync(main, 'utf8');
    writeFileSync(main, text.replace('port: 3000', "port: '3000'"));
    expect(run('npm run check')).toMatchObject({ status: 1, stdout: expect.stringContaining("Type 'string' is not assignable to type 'number'") });
    writeFileSync(main, text.replace("tickets-mcp:2.0.1' }", "tickets-mcp:2.0.1', port: 70000 }"));
    const { status, stdout } = run('npm run synth');
    expect([status, stdout]).toEqual([2, expect.stringContaining('spec.port: must be at most 65535, not 70000')]);
    writeFileSync(main, text);
  });

  it.each(['composition', 'resources'])('takes the files of examples/%s in their place, which type-check as they are', (example) => {
    rmSync(join(folder, 'main.ts'));
    cpSync(join(ROOT, 'examples', example), folder, { recursive: true });
    expect(run('npm run check')).toEqual(FINE);
  });
});
