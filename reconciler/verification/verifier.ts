// Keeps asking the serving pods of every MCPServer whether an MCP client could use them, and tells when that changes.
import type { Logger } from 'pino';
import type { Clock } from '../runtime/clock.ts';
import type { HttpExchange } from './exchange.ts';
import { handshake } from './handshake.ts';
import type { HandshakeResult } from './handshake-result.ts';
import { differs, newProbe, nextProbeInMs, withResult, type PodProbe } from './pod-probe.ts';
import type { PodAddress } from './pod-access.ts';
import { securedExchange, type Guard, type ReadKey } from './secured-exchange.ts';

/** A pod that serves: ready and not terminating. */
export interface ServingPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  /** Where its MCP container listens. */
  readonly port: number;
  /** Restarts of its MCP container: each makes it a new server. */
  readonly restarts: number;
}

/** What to ask, and how often. */
export interface Observation {
  readonly pods: readonly ServingPod[];
  readonly path: string;
  /** Host header. */
  readonly host: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly guard: Guard;
}

export interface VerifierOptions {
  readonly exchangeFor: (pod: PodAddress) => HttpExchange;
  readonly readKey: ReadKey;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Handshakes at the same time. Default 16. */
  readonly concurrency?: number | undefined;
  /** Called when what is known of a pod of `key` changed. Must not throw. */
  readonly onChange: (key: string) => void;
  /** Called after every handshake. */
  readonly onHandshake?: ((result: HandshakeResult) => void) | undefined;
  readonly log: Logger;
}

/** One container of one pod at one endpoint, while it serves. */
interface Watched {
  readonly server: Server;
  readonly pod: ServingPod;
  /** What the record is about; when it changes there is nothing known. */
  readonly identity: string;
  readonly stop: AbortController;
  probe: PodProbe;
  /** Cancels the timer of the next handshake; undefined while one waits for its turn or runs. */
  cancel?: (() => void) | undefined;
}

interface Server {
  readonly key: string;
  readonly pods: Map<string, Watched>;
  observation: Observation;
  /** Some pod of it answered once by the way pods are reached. */
  answered: boolean;
  lastPassMs?: number;
}

/** Asks each serving pod at once, again in short steps while it does not pass, then at the interval. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #servers = new Map<string, Server>();
  readonly #due: Watched[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopped = false;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Takes note of what serves now and returns what is known, one record per pod. Cheap; call it in every reconcile. */
  observe(key: string, observation: Observation): PodProbe[] {
    const known = this.#servers.get(key);
    const server: Server = known ?? { key, pods: new Map(), observation, answered: false };
    const before = server.observation;
    server.observation = observation;
    this.#servers.set(key, server);
    const pods = new Map(observation.pods.map((pod) => [pod.uid, pod]));
    for (const watched of server.pods.values()) if (!pods.has(watched.pod.uid)) this.#drop(watched);
    for (const pod of pods.values()) this.#watch(server, pod, known === undefined);
    if (before.intervalSeconds !== observation.intervalSeconds) this.#reschedule(server);
    return [...server.pods.values()].map(({ probe }) => probe);
  }

  /** Forgets an MCPServer that is gone, or is not to be verified. */
  forget(key: string): void {
    for (const watched of this.#servers.get(key)?.pods.values() ?? []) this.#drop(watched);
    this.#servers.delete(key);
  }

  /** Seconds since a handshake with each MCPServer last passed; those that never did are left out. */
  *ages(): Generator<{ key: string; seconds: number }> {
    for (const { key, lastPassMs } of this.#servers.values()) {
      if (lastPassMs !== undefined) yield { key, seconds: (this.#options.clock.now() - lastPassMs) / 1000 };
    }
  }

  /** Stops asking, ends what runs, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const key of this.#servers.keys()) this.forget(key);
    await Promise.all(this.#running);
  }

  #watch(server: Server, pod: ServingPod, first: boolean): void {
    const { path, host, guard } = server.observation;
    const identity = JSON.stringify([pod.ip, pod.restarts, pod.port, path, host, guard]);
    const known = server.pods.get(pod.uid);
    if (known?.identity === identity || this.#stopped) return;
    if (known !== undefined) this.#drop(known);
    const probe = newProbe(pod.name, { nowMs: this.#options.clock.now(), inherited: first });
    const watched = { server, pod, identity, probe, stop: new AbortController() };
    server.pods.set(pod.uid, watched);
    this.#enqueue(watched);
  }

  #drop(watched: Watched): void {
    watched.cancel?.();
    watched.stop.abort();
    watched.server.pods.delete(watched.pod.uid);
  }

  #reschedule(server: Server): void {
    for (const watched of server.pods.values()) {
      if (watched.cancel === undefined) continue;
      watched.cancel();
      this.#schedule(watched);
    }
  }

  #schedule(watched: Watched): void {
    const { clock, random } = this.#options;
    const intervalMs = watched.server.observation.intervalSeconds * 1000;
    const delay = nextProbeInMs(watched.probe, { intervalMs, nowMs: clock.now(), random: random() });
    watched.cancel = clock.setTimeout(() => this.#enqueue(watched), delay);
  }

  #enqueue(watched: Watched): void {
    watched.cancel = undefined;
    this.#due.push(watched);
    this.#startDue();
  }

  #startDue(): void {
    const { concurrency = 16 } = this.#options;
    while (this.#running.size < concurrency) {
      const watched = this.#due.shift();
      if (watched === undefined) return;
      if (watched.stop.signal.aborted) continue;
      const run = this.#ask(watched).finally(() => {
        this.#running.delete(run);
        this.#startDue();
      });
      this.#running.add(run);
    }
  }

  async #ask(watched: Watched): Promise<void> {
    const result = await this.#handshake(watched);
    if (result === undefined || watched.stop.signal.aborted) return;
    const { server, probe: before } = watched;
    const { clock, onChange, onHandshake } = this.#options;
    watched.probe = withResult(before, result, clock.now());
    if (result.outcome !== 'Unknown') server.answered = true;
    if (result.outcome === 'Passed') server.lastPassMs = clock.now();
    this.#schedule(watched);
    onHandshake?.(result);
    if (differs(before, watched.probe)) onChange(server.key);
  }

  async #handshake({ server, pod, probe, stop }: Watched): Promise<HandshakeResult | undefined> {
    const { exchangeFor, readKey, clock, log } = this.#options;
    const { path, host, timeoutSeconds, guard } = server.observation;
    const [namespace = '', name] = server.key.split('/');
    try {
      const secured = await securedExchange(exchangeFor(pod), { namespace, host, guard }, readKey);
      if (!('exchange' in secured)) return secured;
      const result = secured.judge(await handshake(secured.exchange, {
        path, host, clock, timeoutMs: timeoutSeconds * 1000, answeredBefore: server.answered, patient: probe.misses > 0, signal: stop.signal,
      }));
      log.debug({ namespace, name, pod: pod.name, outcome: result.outcome, reason: result.reason }, 'handshake');
      return result;
    } catch (error) {
      if (stop.signal.aborted) return undefined;
      log.error({ err: error, namespace, name, pod: pod.name }, 'the handshake broke down');
      return { outcome: 'Unknown', reason: 'Unreachable', message: 'The operator failed to ask the server; see its log.' };
    }
  }
}
