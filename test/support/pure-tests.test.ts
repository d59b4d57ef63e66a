import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { changesIn, PURE } from './pure-tests.ts';

const ROOT = join(import.meta.dirname, '../..');

it.each(PURE)('no unit test of %s changes the process that it shares', (folder) => {
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => name.endsWith('.test.ts') && !name.endsWith('.cluster.test.ts'));
  expect(files.length).toBeGreaterThan(0);
  const found = files.map((file) => [file, changesIn(readFileSync(join(ROOT, folder, file), 'utf8'))] as const);
  expect(found.filter(([, changes]) => changes.length > 0)).toEqual([]);
});

it.each([
  ["vi.mock(import('./a.ts'));", 'vi'],
  ["vi.spyOn(JSON, 'parse');", 'vi'],
  ["process.on('warning', listen);", 'process.on'],
  ["process.env['A'] = 'x';", "process.env['A'] ="],
  ['globalThis.fetch = fetched;', 'globalThis'],
])('%s does', (text, change) => {
  expect(changesIn(text)).toEqual([change]);
});

it('to read the environment does not', () => {
  expect(changesIn("const env = { ...process.env, A: process.env['A'] };")).toEqual([]);
});
