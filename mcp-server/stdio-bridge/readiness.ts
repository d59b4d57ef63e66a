// Whether the bridge is ready: whether the server's processes, as far as they were started last, really spoke MCP.
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import type { StartFailure, StartFailureKind } from './start-failure.ts';

/** Why the bridge is not ready: a server did not start, is being started, or is to be started no more. */
export interface NotReady extends Partial<Omit<StartFailure, 'kind' | 'why'>> {
  readonly kind: StartFailureKind | 'Starting' | 'Stopping';
  /** The end of a sentence. */
  readonly why: string;
}

/** What `/readyz` says. */
export interface ReadinessState extends Partial<NotReady> {
  readonly ready: boolean;
  /** In a sentence, unless it is ready. */
  readonly reason?: string;
  /** Seconds since a process completed a handshake. */
  readonly handshakeAgeSeconds?: number;
}

/** Who hears that a server did not start: whoever reads the log, and whoever asks whether the bridge is ready. */
export function tellNotStarted({ log, readiness }: { readonly log: Log; readonly readiness: Readiness }, failure: StartFailure): void {
  const { why, kind, lastWords } = failure;
  log.error('the server did not start', { why, kind, lastWords });
  readiness.failed(failure);
}

interface Reason {
  readonly notReady: NotReady;
  readonly sentence: string;
}

const STARTING: Reason = {
  notReady: { kind: 'Starting', why: 'it has been started, and has not completed a handshake yet' },
  sentence: 'The server has been started, and has not completed a handshake yet.',
};
const STOPPING: Reason = { notReady: { kind: 'Stopping', why: 'the bridge is stopping' }, sentence: 'The bridge is stopping.' };

export class Readiness {
  #reason: Reason | undefined = STARTING;
  #preparing: Reason | undefined;
  #handshake: number | undefined;
  #isDraining = false;
  #failed = Promise.withResolvers<void>();

  constructor(metrics: Metrics) {
    metrics.watch({ name: 'mcp_bridge_ready', help: '1 while the bridge is ready.', read: () => Number(this.state.ready) });
    metrics.watch({ name: 'mcp_bridge_handshake_age_seconds', help: 'Since a process completed a handshake; -1 before the first.', read: () => this.#age ?? -1 });
  }

  /** Why it is not ready; undefined when it is. */
  get notReady(): NotReady | undefined {
    return this.#current?.notReady;
  }

  get state(): ReadinessState {
    const current = this.#current;
    return {
      ready: current === undefined,
      ...(current !== undefined && { reason: current.sentence, ...current.notReady }),
      ...(this.#age !== undefined && { handshakeAgeSeconds: Math.round(this.#age) }),
    };
  }

  /** What is done before the server can be started, in a sentence; undefined when it is done. What failed before is said nevertheless. */
  prepares(sentence: string | undefined): void {
    this.#preparing = sentence === undefined ? undefined : { notReady: { kind: 'Starting', why: sentence }, sentence };
  }

  /** A process completed a handshake. */
  succeeded(): void {
    this.#handshake = performance.now();
    if (this.#reason !== undefined) this.#failed = Promise.withResolvers();
    this.#reason = undefined;
  }

  /** A process ended, or was silent too long, before it completed one. */
  failed(failure: StartFailure): void {
    this.#fail({ notReady: failure, sentence: `The server did not start: ${failure.why}.` });
  }

  /** The one process that all share has ended; it is started again. */
  ended(how: string, lastWords: readonly string[]): void {
    this.#fail({ notReady: { kind: 'Starting', why: `it ended (${how}), and is started again`, lastWords }, sentence: `The server ended: ${how}.` });
  }

  /** Resolves when there is no process any more, or one did not start, after that was otherwise. */
  get untilFailure(): Promise<void> {
    return this.#failed.promise;
  }

  drain(): void {
    this.#isDraining = true;
  }

  get #current(): Reason | undefined {
    if (this.#isDraining) return STOPPING;
    return this.#reason === STARTING ? (this.#preparing ?? STARTING) : this.#reason;
  }

  #fail(reason: Reason): void {
    this.#reason = reason;
    this.#failed.resolve();
  }

  get #age(): number | undefined {
    return this.#handshake === undefined ? undefined : (performance.now() - this.#handshake) / 1000;
  }
}
