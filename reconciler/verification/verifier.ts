// Keeps asking the serving pods of every MCPServer whether an MCP client could use them, and tells when that changes.
import { askPod, type PodAsker } from './ask-pod.ts';
import type { HandshakeResult } from './handshake-result.ts';
import { silence } from './judge.ts';
import { differs, newProbe, nextProbeInMs, withResult, type PodProbe } from './pod-probe.ts';
import { Suspicion } from './suspicion.ts';
import type { Guard } from './secured-exchange.ts';

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
  /** What the stored status says: matters after a restart of the operator. */
  readonly verifiedBefore: boolean;
}

export interface VerifierOptions extends PodAsker {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Handshakes at the same time. Default 16. */
  readonly concurrency?: number | undefined;
  /** Called when what is known of a pod of `key` changed. Must not throw. */
  readonly onChange: (key: string) => void;
  /** Called when the verdict on an unreachable server starts to be held, because too many are. */
  readonly onHeld?: ((key: string) => void) | undefined;
  /** Called after every handshake. */
  readonly onHandshake?: ((result: HandshakeResult) => void) | undefined;
}

/** One container of one pod at one endpoint, while it serves. */
interface Watched {
  readonly server: Server;
  readonly pod: ServingPod;
  /** What the record is about; when it changes there is nothing known. */
  readonly identity: string;
  readonly stop: AbortController;
  probe: PodProbe;
  /** Out of reach, and not believed. */
  held: boolean;
  /** To be asked once more when the present question is answered. */
  again?: boolean;
  /** Cancels the timer of the next handshake; undefined while one waits for its turn or runs. */
  cancel?: (() => void) | undefined;
}

interface Server {
  readonly key: string;
  readonly pods: Map<string, Watched>;
  observation: Observation;
  /** Undefined while no pod serves. */
  lastPassMs?: number | undefined;
}

/** Other servers asked when a verified one stops to answer. */
const WITNESSES = 15;

/** Asks each serving pod at once, again in short steps while it does not pass, then at the interval. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #servers = new Map<string, Server>();
  /** In the order they are asked. */
  readonly #due = new Set<Watched>();
  readonly #running = new Set<Promise<void>>();
  readonly #suspicion = new Suspicion();
  #stopped = false;

  constructor(options: VerifierOptions) {
    this.#options = options;
  }

  /** Asks the pods that serve now, from now on, and returns what is known: one record per pod. Cheap; call it in every reconcile. */
  follow(key: string, observation: Observation): PodProbe[] {
    const known = this.#servers.get(key);
    const server: Server = known ?? { key, pods: new Map(), observation };
    const before = server.observation;
    server.observation = observation;
    this.#servers.set(key, server);
    const pods = new Map(observation.pods.map((pod) => [pod.uid, pod]));
    for (const watched of server.pods.values()) if (!pods.has(watched.pod.uid)) this.#drop(watched);
    for (const pod of pods.values()) this.#watch(server, pod, known === undefined);
    if (pods.size === 0) {
      this.#suspicion.forget(key);
      server.lastPassMs = undefined;
    }
    // The pod that was asked as a witness may be one that is gone.
    if (this.#suspicion.awaits(key)) this.#askNow(server);
    if (before.intervalSeconds !== observation.intervalSeconds) this.#reschedule(server);
    return [...server.pods.values()].map(({ probe }) => probe);
  }

  /** Stops asking pods that do not serve any more, where it cannot be told yet how the others are to be asked. */
  retain(key: string, pods: readonly ServingPod[]): void {
    const serving = new Map(pods.map((pod) => [pod.uid, pod]));
    for (const watched of this.#servers.get(key)?.pods.values() ?? []) {
      const pod = serving.get(watched.pod.uid);
      if (pod?.ip !== watched.pod.ip || pod.restarts !== watched.pod.restarts) this.#drop(watched);
    }
  }

  /** Forgets an MCPServer that is gone, or is not to be verified. */
  forget(key: string): void {
    for (const watched of this.#servers.get(key)?.pods.values() ?? []) this.#drop(watched);
    this.#servers.delete(key);
    this.#suspicion.forget(key);
  }

  /** Number of MCPServers whose pods are out of reach without that being believed. */
  held(): number {
    return [...this.#servers.values()].filter(isHeld).length;
  }

  /** Seconds since a handshake with each MCPServer last passed; those that never did, or of which no pod serves, are left out. */
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
    const watched = { server, pod, identity, probe, stop: new AbortController(), held: false };
    server.pods.set(pod.uid, watched);
    this.#enqueue(watched);
  }

  #drop(watched: Watched): void {
    watched.cancel?.();
    watched.stop.abort();
    this.#due.delete(watched);
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
    this.#due.add(watched);
    this.#startDue();
  }

  #startDue(): void {
    const { concurrency = 16 } = this.#options;
    for (const watched of this.#due) {
      if (this.#running.size >= concurrency) return;
      this.#due.delete(watched);
      const run = this.#ask(watched).finally(() => {
        this.#running.delete(run);
        this.#startDue();
      });
      this.#running.add(run);
    }
  }

  async #ask(watched: Watched): Promise<void> {
    const { server, pod, probe: before, stop: { signal } } = watched;
    // Once it is known to hang, or while it may be the operator that is cut off, waiting would tell nothing.
    const isOpen = before.silentSinceMs !== undefined && before.latest?.outcome === 'Unknown';
    const patient = isOpen && this.#suspicion.judge(server.key, server.observation.intervalSeconds * 1000) === 'Believed';
    const askedMs = this.#options.clock.now();
    const found = await askPod(this.#options, { ...server.observation, key: server.key, pod, patient, signal });
    if (found === undefined || signal.aborted) return;
    const { clock, onChange, onHandshake } = this.#options;
    // A silence that began while the operator was cut off says nothing, though the way is back by now: the next one counts.
    const wasHeld = watched.held;
    const isBelieved = this.#judge(watched, found, askedMs) === 'Believed' && !wasHeld;
    const result = isSilent(found) ? silence({ hangs: isBelieved && this.#isHang(watched, found) }) : found;
    watched.probe = withResult(before, result, { nowMs: clock.now(), held: !isBelieved });
    if (result.outcome === 'Passed') server.lastPassMs = clock.now();
    if (watched.again === true) this.#askAgain(watched);
    else this.#schedule(watched);
    onHandshake?.(result);
    if (differs(before, watched.probe)) onChange(server.key);
  }

  /** Asks others too when a verified server stops to answer: if most do, it is the operator that is cut off. */
  #judge(watched: Watched, found: HandshakeResult, askedMs: number): ReturnType<Suspicion['judge']> {
    const { clock, onHeld } = this.#options;
    const { server, probe } = watched;
    const { key, pods, observation: { intervalSeconds, verifiedBefore } } = server;
    const verified = found.outcome === 'Passed' || verifiedBefore;
    const silent = isSilent(found);
    const reachable = found.reason !== 'Unreachable' && !silent;
    // Who answers a question from before says nothing about what has happened since.
    const stopped = this.#suspicion.heard(key, { reachable, verified, nowMs: reachable ? askedMs : clock.now() });
    if (stopped) this.#askWitnesses({ silent, most: WITNESSES });
    // Of a server not verified nothing else is known than whether there is a way to pods at all, which one can show.
    else if (silent && probe.silentSinceMs === undefined) this.#askWitnesses({ silent, most: 1 });
    const judgement = this.#suspicion.judge(key, intervalSeconds * 1000);
    const isSuspected = judgement === 'Suspected';
    if (isSuspected && !isHeld(server)) onHeld?.(key);
    if (!isSuspected) for (const each of pods.values()) each.held = false;
    watched.held = isSuspected;
    return judgement;
  }

  /** Whether the silence of a pod, now or found before, is its own. */
  #isHang({ server: { key, observation }, probe: { latest, silentSinceMs } }: Watched, found: HandshakeResult): boolean {
    const isLong = found.outcome === 'Failed' || latest?.reason === 'Hang';
    const sinceMs = silentSinceMs ?? this.#options.clock.now();
    return isLong && !this.#suspicion.doubts(key, { sinceMs, intervalMs: observation.intervalSeconds * 1000 });
  }

  #askWitnesses({ silent, most }: { readonly silent: boolean; readonly most: number }): void {
    const servers = this.#suspicion.witnesses({ silent }).map((key) => this.#servers.get(key)).filter((server) => server !== undefined);
    for (const server of servers.filter(({ pods }) => pods.size > 0).slice(0, most)) {
      this.#suspicion.await(server.key);
      this.#askNow(server);
    }
  }

  /** One that is being asked already is asked once more: that question may be from before. */
  #askNow({ pods }: Server): void {
    const asked = [...pods.values()];
    const running = asked.find(({ cancel }) => cancel === undefined);
    if (running !== undefined) {
      running.again = !this.#due.has(running);
      return;
    }
    asked[0]?.cancel?.();
    if (asked[0] !== undefined) this.#enqueue(asked[0]);
  }

  #askAgain(watched: Watched): void {
    watched.again = false;
    this.#suspicion.await(watched.server.key);
    this.#enqueue(watched);
  }
}

function isHeld({ pods }: Server): boolean {
  return [...pods.values()].some(({ held }) => held);
}

function isSilent(result: HandshakeResult): boolean {
  return result.outcome !== 'Passed' && result.silent === true;
}
