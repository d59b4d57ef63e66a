import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { failedFiles, type Report } from './failed-files.ts';

// Within the checkout, so that vitest is found.
const folder = realpathSync(mkdtempSync(join(import.meta.dirname, '../../node_modules/.failed-files-')));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const FILES = {
  'passes.test.mjs': "test('is well', () => {});",
  'fails.test.mjs': "test('is well', () => {}); test('is not', () => { throw new Error('not'); });",
  'does-not-start.test.mjs': "beforeAll(() => { throw new Error('not'); }); test('is well', () => {});",
  'is-no-code.test.mjs': "test('is well', () => {",
};

test('a file failed when a test, a hook or the file itself did, as the real runner reports it', () => {
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'vitest.config.mjs'), 'export default { test: { globals: true } };');
  const run = spawnSync('vitest', ['run', '--reporter=json', '--outputFile=report.json'], { cwd: folder, encoding: 'utf8', timeout: 60_000 });
  expect(run.status, run.stderr).toBe(1);
  const report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
  expect(failedFiles(report)).toEqual(['does-not-start.test.mjs', 'fails.test.mjs', 'is-no-code.test.mjs'].map((name) => join(folder, name)));
});
