// The command line in the test's own process: its surroundings are the test's, so nothing it does or says reaches the real ones.
import { Readable, Writable } from 'node:stream';
import { runCommandLine } from '../../../reconciler/commands/command-line.ts';
import type { Surroundings } from '../../../reconciler/commands/surroundings.ts';

/** How it ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Calling {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** Surroundings of commands that are looked at and not run. */
export const NO_SURROUNDINGS: Surroundings = {
  argv: ['node', 'mcp-operator'],
  env: {},
  stdin: () => Readable.from([]),
  stdout: new Writable(),
  stderr: new Writable(),
  stop: new AbortController().signal,
  onHangUp: () => undefined,
  die: () => { throw new Error('nothing was to run'); },
  exit: () => { throw new Error('nothing was to run'); },
  endWith: () => undefined,
};

/** A way to run commands with a kubeconfig. */
export type Cli = (...args: readonly string[]) => Promise<Ended>;

export function cliWith(kubeconfig: string): Cli {
  return (...args) => call(args, { env: { KUBECONFIG: kubeconfig } });
}

/** Stops what runs on where a process would be gone. */
class Gone extends Error {}

/** Calls it. Not for `run`, which watches over its whole process. */
export async function call(args: readonly string[], { env = {}, input = '' }: Calling = {}): Promise<Ended> {
  const { promise, resolve, reject } = Promise.withResolvers<Ended>();
  const output = { stdout: '', stderr: '' };
  // Of the process that is not there: from then on nothing counts.
  let isGone = false;
  let code = 0;
  const end = (how: Pick<Ended, 'code' | 'signal'>): never => {
    if (!isGone) resolve({ ...how, ...output });
    isGone = true;
    throw new Gone();
  };
  const into = (name: keyof typeof output): Writable => new Writable({
    decodeStrings: false,
    write: (text: string, _encoding, done) => {
      if (!isGone) output[name] += text;
      done();
    },
  });
  runCommandLine({
    ...NO_SURROUNDINGS,
    argv: ['node', 'mcp-operator', ...args],
    env: { HOME: '/nonexistent', ...env },
    stdin: () => Readable.from(input === '' ? [] : [Buffer.from(input)]),
    stdout: into('stdout'),
    stderr: into('stderr'),
    die: (signal) => end({ code: null, signal }),
    exit: (ownCode) => end({ code: ownCode, signal: null }),
    endWith: (ownCode) => { code = ownCode; },
  }).then(() => end({ code, signal: null })).catch((error: unknown) => {
    if (!(error instanceof Gone)) reject(error);
  });
  return promise;
}
