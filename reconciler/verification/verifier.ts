// Keeps asking the serving pods of every MCPServer whether an MCP client could use them, and tells when that changes.
import { askPod, type PodAsker } from './ask-pod.ts';
import { HandshakeQueue, type Lane } from './handshake-queue.ts';
import type { HandshakeResult, ServerInfo } from './handshake-result.ts';
import { Introductions } from './introductions.ts';
import { silence } from './judge.ts';
import { Judging } from './judging.ts';
import { containerOf, isHeld, isSilent, type Observation, type Pass, type Server, type ServingPod, type Watched } from './observation.ts';
import { differs, isFinal, newProbe, nextProbeInMs, withResult, type PodProbe } from './pod-probe.ts';
import { afterAnswer, isFailing, nextTurnInMs, NOT_FAILING, pick } from './rotation.ts';

export interface VerifierOptions extends PodAsker {
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Handshakes at the same time. */
  readonly concurrency?: number | undefined;
  /** Called when what is known of a pod of `key` changed. Must not throw. */
  readonly onChange: (key: string) => void;
  /** Called when the verdict on an unreachable server starts to be held, because too many are. */
  readonly onHeld?: ((key: string) => void) | undefined;
  /** Called after every handshake, with how long it took. */
  readonly onHandshake?: ((result: HandshakeResult, seconds: number) => void) | undefined;
}

/** Handshakes at the same time, unless told otherwise. */
export const DEFAULT_CONCURRENCY = 16;

/** A handshake that took longer keeps others waiting: the next one has its turn with those that fail. */
const SLOW_MS = 2000;

/** Asks each new pod at once, one that passed at the interval, and of those of a server that do not pass one in each of its short steps. */
export class Verifier {
  readonly #options: VerifierOptions;
  readonly #servers = new Map<string, Server>();
  readonly #queue: HandshakeQueue<Watched>;
  readonly #running = new Set<Promise<void>>();
  readonly #judging: Judging;
  #stopped = false;

  constructor(options: VerifierOptions) {
    const { clock, onHeld, concurrency = DEFAULT_CONCURRENCY } = options;
    this.#options = options;
    this.#queue = new HandshakeQueue(concurrency);
    this.#judging = new Judging({ clock, servers: this.#servers, ask: (server) => this.#askNow(server), onHeld });
  }

  /** Asks the pods that serve now, from now on, and returns what is known: one record per pod. Cheap; call it in every reconcile. */
  follow(key: string, observation: Observation): PodProbe[] {
    const known = this.#servers.get(key);
    const [namespace = ''] = key.split('/');
    const introductions = new Introductions();
    const server: Server = known ?? { key, namespace, pods: new Map(), introductions, observation, failing: NOT_FAILING, slow: false };
    const before = server.observation;
    server.observation = observation;
    this.#servers.set(key, server);
    const pods = new Map(observation.pods.map((pod) => [pod.uid, pod]));
    const { path, host, guard, existing = [] } = observation;
    server.introductions.retain(new Set([...observation.pods.map(containerOf), ...existing]), JSON.stringify([path, host, guard]));
    this.#dropAll(server, ({ pod }) => !pods.has(pod.uid));
    for (const pod of pods.values()) this.#watch(server, pod, known === undefined);
    if (pods.size === 0) {
      this.#judging.forget(key);
      server.lastPass = undefined;
    }
    // The pod that was asked as a witness may be one that is gone.
    if (this.#judging.awaits(key) && ![...server.pods.values()].some((watched) => this.#isUnderWay(watched))) this.#askNow(server);
    if (before.intervalSeconds !== observation.intervalSeconds) this.#reschedule(server);
    return [...server.pods.values()].map(({ probe }) => probe);
  }

  /** What an MCPServer said of itself; undefined when none of its containers did. */
  introduction(key: string): ServerInfo | undefined {
    return this.#servers.get(key)?.introductions.together();
  }

  /** Stops asking pods that do not serve any more, where it cannot be told yet how the others are to be asked. */
  retain(key: string, pods: readonly ServingPod[]): void {
    const serving = new Map(pods.map((pod) => [pod.uid, pod]));
    const server = this.#servers.get(key);
    if (server === undefined) return;
    this.#dropAll(server, ({ pod: { uid, ip, restarts } }) => serving.get(uid)?.ip !== ip || serving.get(uid)?.restarts !== restarts);
  }

  /** Forgets an MCPServer that is gone, or is not to be verified. */
  forget(key: string): void {
    const server = this.#servers.get(key);
    if (server !== undefined) this.#dropAll(server, () => true);
    this.#servers.delete(key);
    this.#judging.forget(key);
  }

  /** Number of MCPServers whose pods are out of reach without that being believed. */
  held(): number {
    return [...this.#servers.values()].filter(isHeld).length;
  }

  /** The last handshake with an MCPServer that passed; undefined when none did, or no pod serves. */
  lastPass(key: string): Pass | undefined {
    return this.#servers.get(key)?.lastPass;
  }

  /** Stops asking, ends what runs, and resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const key of this.#servers.keys()) this.forget(key);
    await Promise.all(this.#running);
  }

  #watch(server: Server, pod: ServingPod, first: boolean): void {
    const { path, host, guard, lastWords } = server.observation;
    const identity = JSON.stringify([pod.ip, pod.restarts, pod.port, path, host, guard, lastWords]);
    const known = server.pods.get(pod.uid);
    if (known?.identity === identity || this.#stopped) return;
    if (known !== undefined) this.#dropAll(server, (watched) => watched === known);
    const probe = newProbe(pod.name, { nowMs: this.#options.clock.now(), inherited: first });
    const state = { held: false, running: false, again: false, slow: false, answeredMs: -Infinity };
    const watched: Watched = { server, pod, identity, probe, stop: new AbortController(), ...state };
    server.pods.set(pod.uid, watched);
    this.#enqueue(watched);
  }

  #dropAll(server: Server, isGone: (watched: Watched) => boolean): void {
    const gone = [...server.pods.values()].filter(isGone);
    for (const watched of gone) {
      watched.cancel?.();
      watched.stop.abort();
      this.#queue.delete(watched);
      server.pods.delete(watched.pod.uid);
    }
    if (gone.length > 0) this.#scheduleTurn(server);
  }

  #reschedule(server: Server): void {
    for (const watched of server.pods.values()) if (watched.cancel !== undefined) this.#schedule(watched);
    this.#scheduleTurn(server);
  }

  /** The next handshake with a pod that passes. */
  #schedule(watched: Watched): void {
    const { clock, random } = this.#options;
    const intervalMs = watched.server.observation.intervalSeconds * 1000;
    const delay = nextProbeInMs(watched.probe, { intervalMs, nowMs: clock.now(), random: random() });
    watched.cancel?.();
    watched.cancel = clock.setTimeout(() => this.#enqueue(watched), delay);
  }

  /** The next handshake with one of the pods that fail; none while one is under way, after which it is called again. */
  #scheduleTurn(server: Server): void {
    const { clock } = this.#options;
    server.cancelTurn?.();
    server.cancelTurn = undefined;
    const pods = this.#waitingForTurn(server);
    if (pods.length === 0) return;
    const now = { intervalMs: server.observation.intervalSeconds * 1000, nowMs: clock.now() };
    const delay = nextTurnInMs(pods.map(({ probe }) => probe), server.failing, now);
    server.cancelTurn = clock.setTimeout(() => {
      const next = pick(this.#waitingForTurn(server));
      if (next !== undefined) this.#enqueue(next, { ahead: true });
    }, delay);
  }

  /** The pods that fail; none while one of them is being asked. */
  #waitingForTurn({ pods }: Server): Watched[] {
    const failing = [...pods.values()].filter(({ probe }) => isFailing(probe) && !isFinal(probe));
    return failing.some((watched) => this.#isUnderWay(watched)) ? [] : failing;
  }

  #isUnderWay(watched: Watched): boolean {
    return watched.running || this.#queue.has(watched);
  }

  #enqueue(watched: Watched, { lane = laneOf(watched), ahead = false }: { readonly lane?: Lane; readonly ahead?: boolean } = {}): void {
    watched.cancel?.();
    watched.cancel = undefined;
    const { key: server, namespace } = watched.server;
    this.#queue.add(watched, { namespace, server, lane, ahead });
    this.#startDue();
  }

  #startDue(): void {
    for (let watched = this.#queue.next(); watched !== undefined; watched = this.#queue.next()) {
      const asked = watched;
      asked.running = true;
      const run = this.#ask(asked).finally(() => {
        this.#running.delete(run);
        this.#queue.release(asked);
        this.#startDue();
      });
      this.#running.add(run);
    }
  }

  async #ask(watched: Watched): Promise<void> {
    const { server, pod, probe: before, stop: { signal } } = watched;
    const patient = this.#judging.isPatient(watched);
    const askedMs = this.#options.clock.now();
    const looks = server.introductions.mayLook(containerOf(pod));
    const found = await askPod(this.#options, { ...server.observation, key: server.key, pod, patient, looks, signal });
    watched.running = false;
    if (found === undefined || signal.aborted) return;
    const { clock, onChange, onHandshake } = this.#options;
    // A silence that began while the operator was cut off says nothing, though the way is back by now: the next one counts.
    const wasHeld = watched.held;
    const isBelieved = this.#judging.judge(watched, found, askedMs) === 'Believed' && !wasHeld;
    const heard = server.introductions.steady(containerOf(pod), found);
    const result = isSilent(found) ? silence({ hangs: isBelieved && this.#judging.isHang(watched, found) }) : heard;
    watched.probe = withResult(before, result, { nowMs: clock.now(), held: !isBelieved });
    const tookMs = clock.now() - askedMs;
    if (result.outcome === 'Passed') server.lastPass = { at: clock.wall(), seconds: tookMs / 1000 };
    this.#goOn(watched, { before, slow: tookMs > SLOW_MS });
    onHandshake?.(result, tookMs / 1000);
    if (differs(before, watched.probe)) onChange(server.key);
  }

  /** Sees to what is asked next of a server of which a pod that was `before` has answered. */
  #goOn(watched: Watched, { before, slow }: { readonly before: PodProbe; readonly slow: boolean }): void {
    const { server, probe } = watched;
    const nowMs = this.#options.clock.now();
    watched.answeredMs = nowMs;
    const pods = [...server.pods.values()];
    const wasBehind = isBehind(server);
    watched.slow = server.slow = slow;
    server.failing = afterAnswer(server.failing, { before, after: probe, othersFail: pods.some((each) => isFailing(each.probe)), nowMs });
    const isNew = (each: Watched): boolean => each.probe.latest === undefined && this.#queue.has(each);
    // Those that wait for their first handshake do so where their MCPServer belongs now.
    if (wasBehind !== isBehind(server)) for (const each of pods.filter(isNew)) this.#enqueue(each);
    if (watched.again && !isFinal(probe)) this.#askAgain(watched);
    else if (!isFailing(probe)) this.#schedule(watched);
    this.#scheduleTurn(server);
  }

  /** Asks a witness. One that is being asked already is asked once more: that question may be from before. */
  #askNow({ pods }: Server): void {
    const asked = [...pods.values()].filter(({ probe }) => !isFinal(probe));
    const running = asked.find((watched) => watched.running);
    if (running !== undefined) {
      running.again = true;
      return;
    }
    const chosen = asked.find((watched) => this.#queue.has(watched)) ?? asked.find(({ probe }) => !isFailing(probe)) ?? asked[0];
    if (chosen !== undefined) this.#enqueue(chosen, { lane: 'witness' });
  }

  #askAgain(watched: Watched): void {
    watched.again = false;
    this.#judging.await(watched.server.key);
    this.#enqueue(watched, { lane: 'witness' });
  }
}

function laneOf({ probe: { latest }, slow, server }: Watched): Lane {
  if (latest?.outcome === 'Passed') return slow ? 'failing' : 'repeated';
  return isBehind(server) ? 'failing' : 'first';
}

/** Whether pods of a server that were never asked wait with those that fail. */
function isBehind({ failing, slow }: Server): boolean {
  return failing.misses > 0 || slow;
}
