// One container as a local process: started, probed, restarted with back-off, stopped. Keeps the state that its pod's status reports.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Container } from '@kubernetes/client-node';
import { startProcess } from '../managed-process.ts';
import type { ManagedProcess } from '../managed-process.ts';
import { probeResults } from './probes.ts';

/** Why a container is not started. */
export interface Waiting {
  readonly reason: string;
  readonly message?: string;
}

interface Termination {
  readonly exitCode: number;
  readonly reason: string;
  readonly message?: string;
  readonly startedAt: string;
  readonly finishedAt: string;
}

/** A program to run, with its whole environment. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** What a container needs of its pod. */
export interface ContainerHost {
  /** Folder for log files. */
  readonly dir: string;
  /** The loopback address the process listens on. */
  readonly loopback: string;
  readonly restartPolicy: string;
  prepare(container: V1Container): Promise<Launch | Waiting>;
  /** Called after every change of a container's state. */
  changed(): void;
}

const RETRY_PREPARE_MS = 2000;
const BACK_OFF_MS = { first: 10_000, most: 300_000, forgottenAfter: 600_000 };
const PROBE_KILL_GRACE_MS = 5000;

export class ContainerRunner {
  readonly spec: V1Container;
  state: { waiting?: Waiting; running?: { startedAt: string }; terminated?: Termination } = { waiting: { reason: 'ContainerCreating' } };
  lastState: { terminated?: Termination } = {};
  restartCount = 0;
  started = false;
  ready = false;
  /** It ended and is not to be started again. */
  finished = false;
  readonly #host: ContainerHost;
  #process: ManagedProcess | undefined;

  constructor(spec: V1Container, host: ContainerHost) {
    this.spec = spec;
    this.#host = host;
  }

  /** Pid while it runs. */
  get pid(): number | undefined {
    return this.#process?.running() ? this.#process.pid : undefined;
  }

  /** The log of the present (or the previous) run; undefined when there was no such run. */
  logFile(previous = false): string | undefined {
    const run = this.restartCount - (previous ? 1 : 0);
    return this.#process === undefined || run < 0 ? undefined : join(this.#host.dir, `${this.spec.name}.${run}.log`);
  }

  /** Runs it, again and again as its pod's restart policy says, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { restartPolicy } = this.#host;
    for (let failures = 0; ; failures += 1) {
      const terminated = await this.#runOnce(await this.#prepare(signal), signal);
      if (terminated === undefined) return;
      this.finished = signal.aborted || restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && terminated.exitCode === 0);
      this.#enter({ terminated });
      if (this.finished) return;
      if (Date.parse(terminated.finishedAt) - Date.parse(terminated.startedAt) > BACK_OFF_MS.forgottenAfter) failures = 0;
      this.lastState = { terminated };
      const wait = Math.min(BACK_OFF_MS.first * 2 ** (failures - 1), BACK_OFF_MS.most);
      const message = `back-off ${wait / 1000}s restarting failed container ${this.spec.name}`;
      if (failures > 0) await this.#wait({ reason: 'CrashLoopBackOff', message }, wait, signal);
      this.restartCount += 1;
    }
  }

  /** Ends the present run: SIGTERM, SIGKILL after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    await this.#process?.stop(graceMs);
  }

  async #prepare(signal: AbortSignal): Promise<Launch | undefined> {
    while (!signal.aborted) {
      const launch = await this.#host.prepare(this.spec);
      if ('command' in launch) return launch;
      await this.#wait(launch, RETRY_PREPARE_MS, signal);
    }
    return undefined;
  }

  async #wait(waiting: Waiting, ms: number, signal: AbortSignal): Promise<void> {
    this.#enter({ waiting });
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  async #runOnce(launch: Launch | undefined, signal: AbortSignal): Promise<Termination | undefined> {
    if (launch === undefined || signal.aborted) return undefined;
    const startedAt = now();
    const over = new AbortController();
    try {
      const logFile = join(this.#host.dir, `${this.spec.name}.${this.restartCount}.log`);
      this.#process = await startProcess({ name: this.spec.name, ...launch, logFile });
      // Its pod may have been stopped while it was being started.
      if (signal.aborted) void this.#process.stop(0);
      this.#enter({ running: { startedAt } });
      void this.#probe(over.signal);
      const { code, signal: by } = await this.#process.exited;
      return { exitCode: code ?? (by === 'SIGKILL' ? 137 : 143), reason: code === 0 ? 'Completed' : 'Error', startedAt, finishedAt: now() };
    } catch (error) {
      return { exitCode: 128, reason: 'StartError', message: (error as Error).message, startedAt, finishedAt: now() };
    } finally {
      over.abort();
      this.started = this.ready = false;
    }
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.spec;
    const target = { container: this.spec, address: this.#host.loopback };
    for await (const healthy of probeResults(startupProbe, target, signal)) {
      if (healthy) break;
      return this.stop(PROBE_KILL_GRACE_MS);
    }
    if (signal.aborted) return;
    this.started = true;
    const readiness = async (): Promise<void> => {
      for await (const healthy of probeResults(readinessProbe, target, signal)) {
        const changed = this.ready !== healthy;
        this.ready = healthy;
        if (changed) this.#host.changed();
      }
    };
    const liveness = async (): Promise<void> => {
      for await (const healthy of probeResults(livenessProbe, target, signal)) if (!healthy) return this.stop(PROBE_KILL_GRACE_MS);
    };
    await Promise.all([readiness(), liveness()]);
  }

  #enter(state: ContainerRunner['state']): void {
    this.state = state;
    this.#host.changed();
  }
}

/** Now, in whole seconds, as the times of a status are written. */
export function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
