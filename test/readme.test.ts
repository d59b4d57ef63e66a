// README and docs/ say only what is so: their examples run, their commands exist, their links lead somewhere.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import packageJson from '../package.json' with { type: 'json' };
import { renderDocuments } from '../reconciler/commands/render/render.ts';
import { CHILD_TYPES } from '../reconciler/kinds.ts';

const ROOT = join(import.meta.dirname, '..');
const README = readFileSync(join(ROOT, 'README.md'), 'utf8');
const DOCS = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.md'));
const PAGES = ['README.md', ...DOCS.map((name) => `docs/${name}`)];
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

describe('the README', () => {
  test('has an MCPServer example that renders', () => {
    const yaml = renderDocuments(codeBlock('yaml'), 'README.md');
    for (const kind of ['ServiceAccount', 'Service', 'Deployment', 'PodDisruptionBudget']) expect(yaml).toContain(`kind: ${kind}\n`);
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

describe('docs/mcp-server.md', () => {
  test('has a server with traces that renders, whose pods get the variables and reach the collector', () => {
    const examples = [...readFileSync(join(ROOT, 'docs/mcp-server.md'), 'utf8').matchAll(/```yaml\nspec:\n(.*?)```/gs)].map((match) => match[1] ?? '');
    const spec = `spec:\n  image: registry.example.com/mcp:1\n${examples.join('')}`;
    const rendered = renderDocuments(`apiVersion: mcp.example.com/v1alpha1\nkind: MCPServer\nmetadata: {name: kubernetes}\n${spec}`, 'docs');
    for (const part of ['name: OTEL_EXPORTER_OTLP_ENDPOINT', 'name: otel-collector', 'app.kubernetes.io/name: opentelemetry-collector']) {
      expect(rendered).toContain(part);
    }
  });
});

describe('README and all pages below docs/', () => {
  test('are read, decisions among them', () => {
    expect(PAGES).toEqual(expect.arrayContaining(['README.md', 'docs/mcpserver.md', 'docs/decisions/2026-11-23-two-field-managers.md']));
  });

  test('name only npm scripts and programs that exist', () => {
    const named = PAGES.flatMap((page) => commandsIn(textOf(page)));
    expect(named).toEqual(expect.arrayContaining(['npm run synth', 'npm start', 'npx --no-install mcp-operator']));
    expect(named.filter((command) => !COMMANDS.includes(command))).toEqual([]);
  });

  test('link only to files that exist, and to headings these have', () => {
    const links = PAGES.flatMap((page) => linksIn(textOf(page)).map((target): [string, string] => [page, target]));
    expect(links.map(([, target]) => target)).toEqual(expect.arrayContaining(['mcpserver.md#status', '#specstrategy', 'decisions/2026-11-27-a-real-node.md']));
    expect(links.filter(([page, target]) => !leadsSomewhere(page, target))).toEqual([]);
  });
});

describe('the check of links', () => {
  test.each(['nowhere.md', '#no-such-heading', 'api.md#no-such-heading', '../charts/nowhere/', '../LICENSE#heading'])('finds that %s leads nowhere', (target) => {
    expect(leadsSomewhere('docs/mcpserver.md', target)).toBe(false);
  });

  test.each(['api.md', '#status', 'api.md#status', '../charts/', '../README.md'])('finds that %s leads somewhere', (target) => {
    expect(leadsSomewhere('docs/mcpserver.md', target)).toBe(true);
  });

  test('sees every link but those in code and those to other places', () => {
    expect(linksIn('[a](b.md), `[c](d.md)`\n```\n[e](f.md)\n```\n[`g`](h.md#i) [j](https://k) ![l](m.svg)\n[n]: o.md')).toEqual(['b.md', 'h.md#i', 'm.svg', 'o.md']);
  });

  test('gives headings of the same text different anchors', () => {
    expect(anchorsOf('# A `b`: c!\n## A b c\n```\n# no heading\n```\n### d_e-f\n## A b c')).toEqual(['a-b-c', 'a-b-c-1', 'd_e-f', 'a-b-c-2']);
  });
});

describe('the commands', () => {
  test.each([
    'npm start -- --help',
    'npm run operator -- --help',
    'npm run mcp-server -- --help',
    'npm run cluster -- --help',
    'npx --no-install mcp-operator --help',
  ])('%s explains itself', (command) => {
    const [program = '', ...args] = command.split(' ');
    expect(execFileSync(program, args, { cwd: ROOT, encoding: 'utf8' })).toContain('Usage:');
  });

  test('npx --no-install mcp-operator render prints what synth wrote', () => {
    const printed = execFileSync('npx', ['--no-install', 'mcp-operator', 'render', '-f', 'examples/basic-mcpserver.yaml'], { cwd: ROOT, encoding: 'utf8' });
    expect(printed).toBe(readFileSync(join(ROOT, 'dist/basic-mcpserver.k8s.yaml'), 'utf8'));
  });
});

const COMMANDS = [
  ...Object.keys(packageJson.scripts).map((script) => (['start', 'test'].includes(script) ? `npm ${script}` : `npm run ${script}`)),
  ...Object.keys(packageJson.bin).map((program) => `npx --no-install ${program}`),
];

/** The project's scripts and programs that a text names. */
function commandsIn(text: string): string[] {
  return text.match(/\bnpm run [a-z0-9:-]+|\bnpm (?:start|test)\b|\bnpx(?: --no-install)? [a-z-]+/g) ?? [];
}

const withoutBlocks = (text: string): string => text.replaceAll(/^```.*?^```$/gms, '');

/** Targets of the links of a page, those to other sites apart. */
function linksIn(text: string): string[] {
  const links = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^)\s]+)\)|^\[[^\]]+\]: (\S+)$/gm);
  return [...links].map(([, inline, defined]) => inline ?? defined ?? '').filter((target) => !/^[a-z]+:/.test(target));
}

/** What links to the headings of a page say, as GitHub makes it. */
function anchorsOf(text: string): string[] {
  const titles = [...withoutBlocks(text).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase());
  const slugs = titles.map((title) => title.replaceAll(/[^\p{L}\p{N}_ -]/gu, '').replaceAll(' ', '-'));
  return slugs.map((slug, index) => {
    const before = slugs.slice(0, index).filter((each) => each === slug).length;
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** Whether the target of a link on a page exists. */
function leadsSomewhere(page: string, target: string): boolean {
  const [path = '', anchor] = target.split('#');
  const file = path === '' ? page : join(page, '..', path);
  if (!existsSync(join(ROOT, file))) return false;
  return anchor === undefined || (file.endsWith('.md') && anchorsOf(textOf(file)).includes(anchor));
}

function codeBlock(language: string): string {
  const block = new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(README)?.[1];
  if (block === undefined) throw new Error(`README.md has no ${language} example`);
  return block;
}
