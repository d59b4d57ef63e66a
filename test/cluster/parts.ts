// The processes of a control plane or of a node: started by name, waited for, stopped one by one, and missed when one ends by itself.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type ManagedProcess } from './managed-process.ts';

const READY_LIMIT_MS = 90_000;

export interface PartsOptions {
  /** Takes a log per part. */
  readonly dir: string;
  /** The whole environment of every part. */
  readonly env: Readonly<Record<string, string>>;
  /** Ends waiting. */
  readonly signal: AbortSignal | undefined;
}

/** Parts that belong together. Whoever started some calls `stop` for each. */
export class Parts {
  /** Resolves when a part ended that nobody asked to end; never rejects. */
  readonly failed: Promise<Error>;
  readonly #options: PartsOptions;
  readonly #fail: (error: Error) => void;
  readonly #running = new Map<string, ManagedProcess>();
  readonly #asked = new WeakSet<ManagedProcess>();

  constructor(options: PartsOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.failed = promise;
    this.#fail = resolve;
  }

  /** Starts a part, its output appended to `<dir>/<name>.log`. Throws when there is no such program. */
  async start(name: string, command: string, args: readonly string[]): Promise<ManagedProcess> {
    const { dir, env } = this.#options;
    const part = await startProcess({ name, command, args, env, logFile: join(dir, `${name}.log`), cwd: dir });
    this.#running.set(name, part);
    void part.exited.then(({ code, signal }) => {
      if (this.#asked.has(part)) return;
      this.#fail(new Error(`${name} ended (${signal ?? `exit code ${code}`}); the end of its log:\n${part.logTail()}`));
    });
    return part;
  }

  /** Whether the part was started. */
  has(name: string): boolean {
    return this.#running.has(name);
  }

  /** The part, from now on asked to end; undefined when it was never started. */
  ending(name: string): ManagedProcess | undefined {
    const part = this.#running.get(name);
    if (part !== undefined) this.#asked.add(part);
    return part;
  }

  /** Ends a part and resolves when it is gone. */
  async stop(name: string): Promise<void> {
    await this.ending(name)?.stop();
  }

  /** Polls until `done`; throws when a part ends meanwhile, when it takes longer than 90 s, and what the signal says. */
  async until(what: string, done: () => Promise<boolean>): Promise<void> {
    const { signal, dir } = this.#options;
    let failure: Error | undefined;
    void this.failed.then((error) => (failure = error));
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await done())) {
      signal?.throwIfAborted();
      if (failure !== undefined) throw failure;
      if (Date.now() > deadline) throw new Error(`${what} is not there after ${READY_LIMIT_MS / 1000} s; see the logs in ${dir}`);
      await sleep(50);
    }
  }
}
