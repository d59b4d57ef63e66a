// Whether an answer that did not come is believed: a verified server that stops to answer has others asked as witnesses.
import type { Clock } from '../runtime/clock.ts';
import type { HandshakeResult } from './handshake-result.ts';
import { isHeld, isSilent, type Server, type Watched } from './observation.ts';
import { Suspicion } from './suspicion.ts';

/** Other servers asked when a verified one stops to answer. */
const WITNESSES = 15;

/** Namespaces of which one server is asked when one never verified is silent. */
const GUIDES = 3;

/** Times that the servers of one namespace have others asked, in so many milliseconds; what they say later is judged by what is known. */
const ROUNDS = 10;
const ROUNDS_MS = 60_000;

export interface JudgingOptions {
  readonly clock: Clock;
  readonly servers: ReadonlyMap<string, Server>;
  /** Asks a server now. */
  readonly ask: (server: Server) => void;
  /** Called when the verdict on an unreachable server starts to be held, because too many are. */
  readonly onHeld?: ((key: string) => void) | undefined;
}

/** Judges by all servers together. */
export class Judging {
  readonly #options: JudgingOptions;
  readonly #suspicion = new Suspicion();
  /** When servers of a namespace had others asked. */
  readonly #rounds = new Map<string, number[]>();

  constructor(options: JudgingOptions) {
    this.#options = options;
  }

  /** Whether to wait for an answer for longer. Once a pod is known to hang, or while it may be the operator that is cut off, that would tell nothing. */
  isPatient({ probe: { silentSinceMs, latest }, server: { key, observation } }: Watched): boolean {
    if (silentSinceMs === undefined || latest?.outcome !== 'Unknown') return false;
    return this.#suspicion.judge(key, observation.intervalSeconds * 1000) === 'Believed';
  }

  /** Asks others too when a verified server stops to answer: if most do, it is the operator that is cut off. */
  judge(watched: Watched, found: HandshakeResult, askedMs: number): ReturnType<Suspicion['judge']> {
    const { clock, onHeld } = this.#options;
    const { server, probe } = watched;
    const { key, pods, observation: { intervalSeconds, verifiedBefore } } = server;
    const verified = found.outcome === 'Passed' || verifiedBefore;
    const silent = isSilent(found);
    const reachable = found.reason !== 'Unreachable' && !silent;
    // Who answers a question from before says nothing about what has happened since.
    const stopped = this.#suspicion.heard(key, { reachable, verified, nowMs: reachable ? askedMs : clock.now() });
    if (stopped) this.#askWitnesses(server, this.#suspicion.witnesses({ silent }), WITNESSES);
    // Of a server not verified nothing else is known than whether there is a way to pods at all, which one can show.
    else if (silent && probe.silentSinceMs === undefined) this.#askWitnesses(server, this.#suspicion.guides(), GUIDES);
    const judgement = this.#suspicion.judge(key, intervalSeconds * 1000);
    const isSuspected = judgement === 'Suspected';
    if (isSuspected && !isHeld(server)) onHeld?.(key);
    if (!isSuspected) for (const each of pods.values()) each.held = false;
    watched.held = isSuspected;
    return judgement;
  }

  /** Whether the silence of a pod, now or found before, is its own. */
  isHang({ server: { key, observation }, probe: { latest, silentSinceMs } }: Watched, found: HandshakeResult): boolean {
    const isLong = found.outcome === 'Failed' || latest?.reason === 'Hang';
    const sinceMs = silentSinceMs ?? this.#options.clock.now();
    return isLong && !this.#suspicion.doubts(key, { sinceMs, intervalMs: observation.intervalSeconds * 1000 });
  }

  /** Takes note that a server is being asked as a witness. */
  await(key: string): void {
    this.#suspicion.await(key);
  }

  /** Whether a server was asked as a witness and not heard of yet. */
  awaits(key: string): boolean {
    return this.#suspicion.awaits(key);
  }

  /** Forgets a server, because nobody can be asked about it any more. */
  forget(key: string): void {
    this.#suspicion.forget(key);
  }

  #askWitnesses({ namespace }: Server, keys: readonly string[], most: number): void {
    const { servers, ask, clock } = this.#options;
    const witnesses = keys.map((key) => servers.get(key)).filter((server) => server !== undefined).filter(({ pods }) => pods.size > 0);
    if (witnesses.length === 0) return;
    for (const [of, times] of this.#rounds) if ((times.at(-1) ?? 0) <= clock.now() - ROUNDS_MS) this.#rounds.delete(of);
    const recent = (this.#rounds.get(namespace) ?? []).filter((at) => at > clock.now() - ROUNDS_MS);
    if (recent.length >= ROUNDS) return;
    this.#rounds.set(namespace, [...recent, clock.now()]);
    for (const server of witnesses.slice(0, most)) {
      this.#suspicion.await(server.key);
      ask(server);
    }
  }
}
