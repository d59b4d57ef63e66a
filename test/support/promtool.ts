// Prometheus's own promtool, where this machine has it: what it says to rules, to their tests, and to what a scrape answers.
import { spawnSync } from 'node:child_process';

/** Why tests with promtool are skipped; undefined where it is there. */
export const PROMTOOL_MISSING = spawnSync('promtool', ['--version']).error === undefined
  ? undefined
  : 'promtool is not on the PATH: of Debian it is in the package prometheus, which .ci/run takes it from';

/** What it prints, and whether it is content. */
export interface Verdict {
  readonly passed: boolean;
  readonly said: string;
}

const LIMIT_MS = 60_000;

/** Runs it with arguments, and with a text on its standard input. */
export function promtool(args: readonly string[], { input = '', cwd }: { readonly input?: string; readonly cwd?: string } = {}): Verdict {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { input, cwd, encoding: 'utf8', timeout: LIMIT_MS, maxBuffer: 64 * 2 ** 20 });
  if (error !== undefined) throw error;
  return { passed: status === 0, said: `${stdout}${stderr}`.trim() };
}

/** Says on standard error once why a file's tests with promtool are skipped. */
export function promtoolIsMissing(): boolean {
  if (PROMTOOL_MISSING !== undefined) process.stderr.write(`skipped: ${PROMTOOL_MISSING}\n`);
  return PROMTOOL_MISSING !== undefined;
}
