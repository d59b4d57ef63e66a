// Whether the bridge is ready: whether the server's processes, as far as they were started last, really spoke MCP.
import type { Metrics } from './metrics.ts';

export interface ReadinessState {
  readonly ready: boolean;
  /** In a sentence, unless it is ready. */
  readonly reason?: string;
  /** What the server said last on standard error, where it did not start. */
  readonly lastWords?: readonly string[];
  /** Seconds since a process completed a handshake. */
  readonly handshakeAgeSeconds?: number;
}

export class Readiness {
  #reason: string | undefined = 'The server has been started, and has not completed a handshake yet.';
  #lastWords: readonly string[] = [];
  #handshake: number | undefined;
  #isDraining = false;
  #failed = Promise.withResolvers<void>();

  constructor(metrics: Metrics) {
    metrics.watch({ name: 'mcp_bridge_ready', help: '1 while the bridge is ready.', read: () => Number(this.state.ready) });
    metrics.watch({ name: 'mcp_bridge_handshake_age_seconds', help: 'Since a process completed a handshake; -1 before the first.', read: () => this.#age ?? -1 });
  }

  get state(): ReadinessState {
    const reason = this.#isDraining ? 'The bridge is stopping.' : this.#reason;
    return {
      ready: reason === undefined,
      ...(reason !== undefined && { reason }),
      ...(this.#lastWords.length > 0 && { lastWords: this.#lastWords }),
      ...(this.#age !== undefined && { handshakeAgeSeconds: Math.round(this.#age) }),
    };
  }

  /** A process completed a handshake. */
  succeeded(): void {
    this.#handshake = performance.now();
    if (this.#reason !== undefined) this.#failed = Promise.withResolvers();
    this.#reason = undefined;
    this.#lastWords = [];
  }

  /** A process ended, or was silent too long, before it completed one. */
  failed(why: string, lastWords: readonly string[] = []): void {
    this.#fail(`The server did not start: ${why}.`, lastWords);
  }

  /** The one process that all share has ended. */
  ended(how: string, lastWords: readonly string[]): void {
    this.#fail(`The server ended: ${how}.`, lastWords);
  }

  /** Resolves when there is no process any more, or one did not start, after that was otherwise. */
  get untilFailure(): Promise<void> {
    return this.#failed.promise;
  }

  drain(): void {
    this.#isDraining = true;
  }

  #fail(reason: string, lastWords: readonly string[]): void {
    this.#reason = reason;
    this.#lastWords = lastWords;
    this.#failed.resolve();
  }

  get #age(): number | undefined {
    return this.#handshake === undefined ? undefined : (performance.now() - this.#handshake) / 1000;
  }
}
