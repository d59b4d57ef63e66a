// One container as a local process: started, probed, restarted with back-off, stopped. Keeps its part of the pod's status.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Container, V1Probe } from '@kubernetes/client-node';
import { startProcess, type ManagedProcess } from '../managed-process.ts';
import { prepareLaunch, type Launch, type PodPlace, type Waiting } from './pod-environment.ts';
import { probeResults } from './probes.ts';
import { followPorts } from './tcp-ports.ts';

type State = { waiting?: Partial<Waiting>; running?: object; terminated?: { exitCode: number; reason: string } };

const RETRY_PREPARE_MS = 2000;
const BACK_OFF_MS = { first: 10_000, most: 300_000 };
const PROBE_KILL_GRACE_MS = 5000;

export class ContainerRunner {
  readonly spec: V1Container;
  readonly status = { ready: false, started: false, restartCount: 0, state: { waiting: { reason: 'ContainerCreating' } } as State, lastState: {} as State };
  /** It ended and is not to be started again. */
  finished = false;
  readonly #place: PodPlace;
  readonly #changed: () => void;
  #process: ManagedProcess | undefined;

  /** `changed` is called after every change of the status. */
  constructor(spec: V1Container, place: PodPlace, changed: () => void) {
    this.spec = spec;
    this.#place = place;
    this.#changed = changed;
  }

  /** The log of the present (or the previous) run; undefined when there was no such run. */
  logFile(previous = false): string | undefined {
    const run = this.status.restartCount - (previous ? 1 : 0);
    return this.#process === undefined || run < 0 ? undefined : join(this.#place.dir, `${this.spec.name}.${run}.log`);
  }

  /** Ends the present run: SIGTERM, SIGKILL after `graceMs`. */
  async stop(graceMs: number): Promise<void> {
    await this.#process?.stop(graceMs);
  }

  /** Runs it, again and again as its pod's restart policy says, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.finished) {
      const launch = await prepareLaunch(this.#place, this.spec);
      if ('reason' in launch) await this.#wait(launch, RETRY_PREPARE_MS, signal);
      if ('reason' in launch || signal.aborted) continue;
      await this.#runOnce(launch, signal);
      if (this.finished) return;
      const wait = Math.min(BACK_OFF_MS.first * 2 ** (this.status.restartCount - 1), BACK_OFF_MS.most);
      const message = `back-off ${wait / 1000}s restarting failed container ${this.spec.name}`;
      if (wait >= BACK_OFF_MS.first) await this.#wait({ reason: 'CrashLoopBackOff', message }, wait, signal);
      this.status.restartCount += 1;
    }
  }

  async #wait(waiting: Waiting, ms: number, signal: AbortSignal): Promise<void> {
    this.#enter({ waiting });
    await sleep(ms, undefined, { signal }).catch(() => undefined);
  }

  async #runOnce(launch: Launch, signal: AbortSignal): Promise<void> {
    const { restartPolicy } = this.#place.pod.spec;
    const startedAt = new Date().toISOString();
    const over = new AbortController();
    let end: { exitCode: number; reason: string; message?: string };
    try {
      const logFile = join(this.#place.dir, `${this.spec.name}.${this.status.restartCount}.log`);
      this.#process = await startProcess({ ...launch, name: this.spec.name, logFile });
      // Its pod may have been stopped while it was being started.
      if (signal.aborted) void this.#process.stop(0);
      this.#enter({ running: { startedAt } });
      if (this.#place.programs[this.spec.image ?? ''] !== undefined) void followPorts(this.#process.pid, this.#place.sockets, over.signal);
      void this.#probe(over.signal);
      const { code, signal: by } = await this.#process.exited;
      end = { exitCode: code ?? (by === 'SIGKILL' ? 137 : 143), reason: code === 0 ? 'Completed' : 'Error' };
    } catch (error) {
      end = { exitCode: 128, reason: 'StartError', message: (error as Error).message };
    }
    over.abort();
    const terminated = { ...end, startedAt, finishedAt: new Date().toISOString() };
    this.finished = signal.aborted || restartPolicy === 'Never' || (restartPolicy === 'OnFailure' && end.exitCode === 0);
    Object.assign(this.status, { ready: false, started: false }, this.finished ? {} : { lastState: { terminated } });
    this.#enter({ terminated });
  }

  async #probe(signal: AbortSignal): Promise<void> {
    const { startupProbe, readinessProbe, livenessProbe } = this.spec;
    const target = { spec: this.spec, sockets: this.#place.sockets };
    const results = (probe?: V1Probe): AsyncIterable<boolean> | [true] =>
      probe === undefined ? [true] : probeResults(probe, target, signal);
    const stopWhenFailed = async (probe: V1Probe | undefined, untilHealthy: boolean): Promise<void> => {
      for await (const healthy of results(probe)) {
        if (!healthy) return this.stop(PROBE_KILL_GRACE_MS);
        if (untilHealthy) return;
      }
    };
    await stopWhenFailed(startupProbe, true);
    if (signal.aborted) return;
    this.status.started = true;
    void stopWhenFailed(livenessProbe, false);
    for await (const healthy of results(readinessProbe)) {
      this.status.ready = healthy;
      this.#changed();
    }
  }

  #enter(state: State): void {
    this.status.state = state;
    this.#changed();
  }
}
