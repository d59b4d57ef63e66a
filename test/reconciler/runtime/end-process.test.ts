// Ending a process from a thread while its main thread hangs: as any process, and as the first one of a PID namespace, which a container's is.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const MODULE = join(import.meta.dirname, '../../../reconciler/runtime/end-process.ts');
/** What starts a program so. */
const FIRST = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--kill-child'] as const;
const canBeFirst = spawnSync(FIRST[0], [...FIRST.slice(1), 'true']).status === 0;

/** Runs a program that hangs in `code`, and whose thread ends it; killed, and so without a code, when that does not end it in 20 s. */
function hang(code: string, wrapper: readonly string[]): { status: number | null; signal: string | null; stdout: string } {
  const thread = `import(${JSON.stringify(MODULE)}).then(({ endProcess }) => setTimeout(endProcess, 300))`;
  const program = `new (require('node:worker_threads').Worker)(${JSON.stringify(thread)}, { eval: true }); setTimeout(() => { ${code} }, 100); setInterval(() => 0, 1000)`;
  const [command, ...args] = [...wrapper, process.execPath, '-e', program];
  const { status, signal, stdout } = spawnSync(command, args, { env: {}, timeout: 20_000, killSignal: 'SIGKILL', encoding: 'utf8' });
  return { status, signal, stdout };
}

const CASES = [
  ['a loop', 'for (;;);'],
  ['a loop that catches everything', 'for (;;) try { for (;;); } catch {}'],
  ['promises without end', 'const again = () => Promise.resolve().then(again); again()'],
  ['a regular expression', "/^(a+)+$/.test('a'.repeat(60) + 'b')"],
  ['a wait', 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'],
] as const;

const SYSTEM_CALL = "require('child_process').execSync('sleep 4'); require('fs').writeSync(1, 'went on')";

describe('a process whose main thread hangs', () => {
  it.each(CASES)('in %s ends with code 1', (_, code) => {
    expect(hang(code, [])).toMatchObject({ status: 1, signal: null });
  });

  it('in a system call ends by SIGKILL', () => {
    expect(hang(SYSTEM_CALL, [])).toEqual({ status: null, signal: 'SIGKILL', stdout: '' });
  });

  it.skipIf(!canBeFirst).each([CASES[0], CASES[4]])('in %s ends with code 1, also as the first of its PID namespace', (_, code) => {
    expect(hang(code, [...FIRST, '--'])).toMatchObject({ status: 1, signal: null });
  });

  it.skipIf(!canBeFirst)('in a system call ends when that returns, without another step, as the first of its PID namespace', () => {
    expect(hang(SYSTEM_CALL, [...FIRST, '--'])).toEqual({ status: 1, signal: null, stdout: '' });
  });
});
