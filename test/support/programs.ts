// Starts a program and waits for what it says; for programs under test, which end with the test at the latest.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs. */
export interface RunningProgram {
  /** Resolves when its output has matched; rejects with the output when it ends before, or after 20 s. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** Asks it to end; resolves to its exit code. */
  end(): Promise<number | null>;
  readonly process: ChildProcess;
}

const PATIENCE_MS = 20_000;

/** Starts `program`; its standard output and error are read as one. */
export function startProgram(
  program: string,
  args: readonly string[],
  { env, cwd }: { env: NodeJS.ProcessEnv; cwd?: string },
): RunningProgram {
  const child = spawn(program, args, { env, cwd, stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const ended = once(child, 'close') as Promise<[number | null]>;
  return {
    process: child,
    async said(pattern) {
      const patience = AbortSignal.timeout(PATIENCE_MS);
      for (;;) {
        const match = pattern.exec(output);
        if (match !== null) return match;
        if (child.exitCode !== null || patience.aborted) throw new Error(`${program} did not say ${pattern.source}, but:\n${output}`);
        await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), ended, once(patience, 'abort')]);
      }
    },
    async end() {
      child.kill('SIGTERM');
      const [code] = await ended;
      return code;
    },
  };
}
