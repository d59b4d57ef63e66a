// README and docs/ say only what is so: their examples run, their commands exist, their links lead somewhere.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { renderDocuments } from '../reconciler/commands/render.ts';
import { CHILD_TYPES } from '../reconciler/kinds.ts';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];

describe('the README', () => {
  test('has an MCPServer example that renders', () => {
    const yaml = renderDocuments(codeBlock('yaml'), 'README.md');
    for (const kind of ['ServiceAccount', 'ConfigMap', 'Service', 'Deployment', 'PodDisruptionBudget']) expect(yaml).toContain(`kind: ${kind}\n`);
  });

  test('has a construct example that synthesizes', () => {
    // Inside the project, where its imports are found.
    mkdirSync(join(ROOT, 'build'), { recursive: true });
    const folder = mkdtempSync(join(ROOT, 'build/readme-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'example.ts'), codeBlock('ts').replace("'mcp-server-operator'", "'../../charts/library.ts'"));
    execFileSync(process.execPath, [join(folder, 'example.ts')], { env: { CDK8S_OUTDIR: folder } });
    expect(readFileSync(join(folder, 'weather.k8s.yaml'), 'utf8')).toContain('image: registry.example.com/weather-mcp:1.4.2');
  });

  test('names only folders that exist', () => {
    const folders = [...README.matchAll(/^\| `([a-z-]+\/)`/gm)].map((match) => match[1] ?? '');
    expect(folders.length).toBeGreaterThan(5);
    for (const folder of folders) expect(existsSync(join(ROOT, folder)), folder).toBe(true);
  });
});

describe('docs/mcpserver.md', () => {
  const examples = [...readFileSync(join(ROOT, 'docs/mcpserver.md'), 'utf8').matchAll(/```yaml\n(spec:\n.*?)```/gs)].map((match) => match[1] ?? '');

  test('names every kind of object where it tells how to hand them over', () => {
    const [, kinds = ''] = /`kubectl annotate (\S+) -l/.exec(readFileSync(join(ROOT, 'docs/mcpserver.md'), 'utf8')) ?? [];
    expect(kinds.split(',').toSorted()).toEqual(CHILD_TYPES.map(({ plural }) => plural).toSorted());
  });

  test('has examples that render', () => {
    expect(examples.length).toBeGreaterThan(1);
    for (const example of examples) {
      expect(renderDocuments(`apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: weather}\n${example}`, 'docs')).toContain('kind: Deployment');
    }
  });
});

describe.each(PAGES)('%s', (page) => {
  const text = readFileSync(join(ROOT, page), 'utf8');

  test('names only npm scripts and programs that exist', () => {
    const scripts = [...text.matchAll(/npm (?:run ([a-z0-9:-]+)|(start|test))/g)].map((match) => match[1] ?? match[2] ?? '');
    for (const script of scripts) expect(Object.keys(packageJson.scripts)).toContain(script);
    for (const [, program] of text.matchAll(/npx ([a-z-]+)/g)) expect(Object.keys(packageJson.bin)).toContain(program);
  });

  test('links only to files that exist', () => {
    const withoutCode = text.replaceAll(/`[^`\n]*`/g, '');
    for (const [, target = ''] of withoutCode.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      expect(existsSync(join(ROOT, page, '..', target)), target).toBe(true);
    }
  });
});

describe('the commands', () => {
  test.each([
    'npm start -- --help',
    'npm run operator -- --help',
    'npm run mcp-server -- --help',
    'npm run cluster -- --help',
    'npx mcp-operator --help',
  ])('%s explains itself', (command) => {
    const [program = '', ...args] = command.split(' ');
    expect(execFileSync(program, args, { cwd: ROOT, encoding: 'utf8' })).toContain('Usage:');
  });

  test('npx mcp-operator render prints what synth wrote', () => {
    const printed = execFileSync('npx', ['mcp-operator', 'render', '-f', 'examples/basic-mcpserver.yaml'], { cwd: ROOT, encoding: 'utf8' });
    expect(printed).toBe(readFileSync(join(ROOT, 'dist/basic-mcpserver.k8s.yaml'), 'utf8'));
  });
});

function codeBlock(language: string): string {
  const block = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(README)?.[1];
  if (block === undefined) throw new Error(`README.md has no ${language} example`);
  return block;
}
