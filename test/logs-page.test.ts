// The page about logs tells of every line that the programs write, and of no other.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logLines } from './support/log-lines.ts';
import { explainedKeys, toldLines } from './support/log-page.ts';

const ROOT = join(import.meta.dirname, '..');
const BRIDGE = 'mcp-server/stdio-bridge/**/*.ts';
const PROGRAMS: Readonly<Record<string, { readonly files: readonly string[]; readonly without?: string }>> = {
  'the operator': { files: ['reconciler/**/*.ts', 'kubernetes/**/*.ts'] },
  'the Kubernetes MCP server': { files: ['mcp-server/**/*.ts'], without: BRIDGE },
  'the stdio bridge': { files: [BRIDGE] },
};

describe.each(Object.entries(PROGRAMS))('of %s', (program, { files, without }) => {
  it('all lines of its sources are told of, with their levels, and no others', () => {
    const left = new Set(without === undefined ? [] : globSync(without, { cwd: ROOT }));
    const sources = globSync([...files], { cwd: ROOT }).filter((file) => !left.has(file));
    const written = sources.flatMap((file) => logLines(join(ROOT, file))).map(({ level, message }) => `${level} ${message}`);
    expect(written.length).toBeGreaterThan(10);
    expect(toldLines(program).map(({ level, message }) => `${level} ${message}`).toSorted()).toEqual([...new Set(written)].toSorted());
  });
});

it('every key that a line has is explained, and every explained one belongs to a line', () => {
  const used = Object.keys(PROGRAMS).flatMap(toldLines).flatMap(({ keys }) => keys);
  expect(explainedKeys().toSorted()).toEqual([...new Set(used)].toSorted());
});

it.each([
  ["log.info({ a, b: f(1, ')') }, 'done');", ['info done']],
  ['log.warn({ a },\n  isNew ? `made ${name}` : \'changed\');', ['warn made …', 'warn changed']],
  ["this.#options.log.error('ended', { how: 'x' });", ['error ended']],
  ['log().error({ err }, text);', ['error …']],
  ['log?.debug({ why: `it "is" so` }, \'looked\');', ['debug looked']],
])('reads of a source what it logs: %s', (text, expected) => {
  expect(logLines('', text).map(({ level, message }) => `${level} ${message}`)).toEqual(expected);
});
