import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';

const FOREGROUND = join(import.meta.dirname, 'foreground.ts');

/** Runs a command whose work is the given code; `signal` is what asks it to stop. */
async function run(work: string): Promise<{ code: number; stderr: string }> {
  const script = `import { runInForeground } from ${JSON.stringify(FOREGROUND)}; await runInForeground(async (signal) => { ${work} });`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'ignore', 'pipe'], timeout: 60_000 });
  const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number]>]);
  return { code, stderr };
}

const STOP = "setInterval(() => undefined, 1000); process.kill(process.pid, 'SIGTERM'); await new Promise((resolve) => signal.addEventListener('abort', resolve));";

it('a command tells what went wrong in one sentence, and nothing when it was asked to stop', async () => {
  expect(await run("throw new Error('there is no room');")).toEqual({ code: 1, stderr: 'there is no room\n' });
  expect(await run(`${STOP} throw new Error('cut off');`)).toEqual({ code: 0, stderr: '' });
});

it('a command keeps the stack trace of a defect, also of one that shows while it stops', async () => {
  for (const before of ['', STOP]) {
    const { code, stderr } = await run(`${before} undefined.field;`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^TypeError: Cannot read properties of undefined .*\n    at /);
  }
});
