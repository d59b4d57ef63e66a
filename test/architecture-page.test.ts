// docs/architecture.md names only what there is, and tells the layers that are kept. Names are read from its backticks and its picture.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { REASONS } from '../charts/api/reasons.ts';
import { specSchema } from '../charts/api/spec.ts';
import { OPERATOR_LAYERS } from './support/architecture.ts';

const ROOT = join(import.meta.dirname, '..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const PAGE = textOf('docs/architecture.md');
const PARTS = ['charts', 'imports', 'kubernetes', 'reconciler', 'mcp-server', 'images', 'test', 'examples', 'dist', 'docs', 'monitoring'];
/** Of the layers, those that wait for their first file. */
const KEPT_FREE = OPERATOR_LAYERS.flat().filter((part) => !existsSync(join(ROOT, part)));
const WORDS: readonly string[] = [...Object.keys(specSchema.shape), ...Object.keys(REASONS)];

describe('docs/architecture.md', () => {
  test('names only files, folders, exported names, fields and reasons that exist', () => {
    expect(quotedIn(PAGE)).toEqual(expect.arrayContaining(['reconciler/status/', 'charts/api/spec.ts', 'judgeReadiness', 'View.onChange', 'drainSeconds']));
    expect(unknownIn(PAGE)).toEqual([]);
  });

  test('shows only files and folders that exist in its picture', () => {
    expect(shownIn(picture())).toEqual(expect.arrayContaining(['charts/', 'charts/api/', 'reconciler/reconcile.ts', 'reconciler/view/', 'mcp-server/']));
    expect(shownIn(picture()).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('has a picture that an 80-column terminal shows as text', () => {
    expect(picture().split('\n').filter((line) => line.length > 80)).toEqual([]);
  });

  test('tells the layers of the operator as they are kept', () => {
    expect(layersIn(PAGE)).toEqual([...OPERATOR_LAYERS, ['reconciler/main.ts']]);
  });

  test('says of everything where it is decided: in one of the folders it names', () => {
    const [, table = ''] = /^## Where is decided.*?\n(\|.*?)\n\n/ms.exec(PAGE) ?? [];
    const rows = table.split('\n').slice(2).map((row) => row.split('|').slice(2, 4).map(quotedIn));
    expect(rows.length).toBeGreaterThanOrEqual(12);
    expect(rows.filter(([[folder = '?'] = [], [file = ''] = []]) => !file.startsWith(folder))).toEqual([]);
  });
});

test.each(['README.md', 'docs/security.md'])('%s names only files and folders of ours that exist', (page) => {
  const named = quotedIn(textOf(page)).filter((name) => isPath(name));
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
});

test('docs/security.md names for each bound the file that keeps it, and the name it has there', () => {
  const [, table = ''] = /^## Bounds$.*?^(\|---.*?)\n\n/ms.exec(textOf('docs/security.md')) ?? [];
  const kept = table.split('\n').slice(1).flatMap((row) => (row.split(' | ').at(-1) ?? '').split('; ').map(quotedIn));
  expect(kept.length).toBeGreaterThan(30);
  expect(kept.filter(([file = '', ...names]) => !names.every((name) => new RegExp(`\\b${name}\\b`).test(textOf(file))))).toEqual([]);
});

describe('the check of names', () => {
  test.each([
    ['a folder', '`reconciler/stauts/`', 'reconciler/stauts/'],
    ['a file', '`contains` in `reconciler/compare/contain.ts`', 'reconciler/compare/contain.ts'],
    ['a file without its folder', '`contains.ts`', 'contains.ts'],
    ['a name that its file does not export', '`isFields` in `reconciler/compare/contains.ts`', 'isFields'],
    ['a name beside another file', '`contains` in `reconciler/compare/contains.ts`\n\n`contains` in `reconciler/view/view.ts`', 'contains'],
    ['a method', '`View.onEvent` in `reconciler/view/view.ts`', 'View.onEvent'],
    ['a field', '`spec.drainSecs`, said as `drainSecs`', 'drainSecs'],
  ])('finds %s that is not there', (_what, text, wrong) => {
    expect(unknownIn(text)).toContain(wrong);
  });

  test('finds a part of the picture that is not there', () => {
    expect(shownIn('subgraph a["reconciler/, b"]\n  c["veiw/: d"]\nend\ne["mcp-sever/: f"]')).toEqual(['reconciler/', 'reconciler/veiw/', 'mcp-sever/']);
  });
});

function picture(): string {
  const [, text] = /```mermaid\n(.*?)```/s.exec(PAGE) ?? [];
  if (text === undefined) throw new Error('the page has no picture');
  return text;
}

/** What stands in backticks, blocks of code apart. */
function quotedIn(text: string): string[] {
  return [...text.replaceAll(/^```.*?^```$/gms, '').matchAll(/`([^`\n]+)`/g)].map(([, quoted = '']) => quoted);
}

/** What is quoted and does not exist. A name of the code counts where its paragraph, item or row names a file that exports it. */
function unknownIn(text: string): string[] {
  return text.split(/\n(?=\n|[|-]|\d+\. )/).flatMap((block) => {
    const quoted = quotedIn(block);
    const sources = quoted.filter((name) => name.endsWith('.ts') && existsSync(join(ROOT, name))).map(textOf);
    const isUnknownWord = (name: string): boolean => !WORDS.includes(name) && !sources.some((source) => exportsName(source, name));
    return quoted.filter((name) => (isPath(name) ? isMissing(name) : isUnknownWord(name)));
  });
}

function isMissing(path: string): boolean {
  return !existsSync(join(ROOT, path)) && !KEPT_FREE.includes(path);
}

function isPath(name: string): boolean {
  return PARTS.some((part) => name.startsWith(`${part}/`)) && !name.includes('*') && !name.includes(' ');
}

function exportsName(source: string, name: string): boolean {
  const [exported = '', method] = name.split('.');
  const found = new RegExp(`^export (?:async )?(?:function\\*?|class|const|interface|type) ${RegExp.escape(exported)}\\b.*?^\\S?[})\\];]`, 'ms').exec(source);
  return found !== null && (method === undefined || new RegExp(`^  (?:async )?\\*?${RegExp.escape(method)}[(<]`, 'm').test(found[0]));
}

/** The files and folders of the boxes, within what surrounds them. */
function shownIn(text: string): string[] {
  let within = '';
  return text.split('\n').flatMap((line) => {
    if (/^\s*end$/.test(line)) within = '';
    const [, path] = /\["([\w.-]+(?:\/|\.ts))[:,] /.exec(line) ?? [];
    if (path === undefined) return [];
    if (/^\s*subgraph /.test(line)) within = path;
    return [/^\s*subgraph /.test(line) ? path : join(within, path)];
  });
}

function layersIn(text: string): string[][] {
  return [...text.matchAll(/^\| \d+ \| (.*?) \|/gm)].map(([, parts = '']) => quotedIn(parts));
}
