// Whether a real node can run is said before anything is started, in words that help.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { chooseNode } from '../demo/node.ts';
import { missingForExamples } from './requirements.ts';

const NOBODY = 65_534;

describe('a real node', () => {
  test.skipIf(process.getuid?.() !== 0)('is refused to whoever is not root', async () => {
    const load = `const { missingForRealNode } = await import(${JSON.stringify(join(import.meta.dirname, 'requirements.ts'))});`;
    const ask = `process.setgid(${NOBODY}); process.setuid(${NOBODY}); console.log(await missingForRealNode('/tmp'));`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', `${load} ${ask}`]);
    expect(stdout).toContain('it is not run by root');
  });

  test('gives way to local processes where it cannot run or is not wanted, and the reason is told', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'choose-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    expect(await chooseNode(dir, 'process')).toMatchObject({ kind: 'process', because: expect.stringContaining('as asked') as string, dir: join(dir, 'node') });
    const missing = await missingForExamples(dir);
    const { kind, because } = await chooseNode(dir, undefined);
    expect(kind).toBe(missing.length === 0 ? 'real' : 'process');
    for (const each of missing) expect(because).toContain(each);
  });
});
