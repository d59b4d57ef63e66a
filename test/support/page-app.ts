// The cdk8s app of a documentation page, type-checked as users would, and what it synthesizes.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { blocksOf } from './page-blocks.ts';

const ROOT = join(import.meta.dirname, '../..');

/** The manifests that the first app of a page below docs/ writes, by file. Fails the test when it does not compile. */
export function synthesizedBy(page: string): ReadonlyMap<string, string> {
  mkdirSync(join(ROOT, 'build'), { recursive: true });
  const folder = mkdtempSync(join(ROOT, 'build/page-app-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const code = blocksOf(page).find(({ language }) => language === 'ts')?.text ?? '';
  writeFileSync(join(folder, 'app.ts'), code.replace("'mcp-server-operator'", "'../../charts/library.ts'"));
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: '../../tsconfig.json', files: ['app.ts'], include: [] }));
  expect(spawnSync(join(ROOT, 'node_modules/.bin/tsc'), ['--noEmit', '-p', folder], { encoding: 'utf8' }).stdout).toBe('');
  execFileSync(process.execPath, [join(folder, 'app.ts')], { env: { CDK8S_OUTDIR: folder } });
  const files = readdirSync(folder).filter((file) => file.endsWith('.k8s.yaml'));
  return new Map(files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]));
}
