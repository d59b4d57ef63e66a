// The operator's handshake has a place of its own beside the sessions: one process at a time, of those that wait, or started for it.
import { randomBytes } from 'node:crypto';
import { busy, sendError } from '../transports/refusals.ts';
import type { AnswerStream } from './answer-stream.ts';
import type { Child } from './child.ts';
import { inTime } from './in-time.ts';
import { introduce, type Introduction } from './introduction.ts';
import type { RequestMessage } from './messages.ts';
import { tellNotStarted } from './readiness.ts';
import { notYet, whyNotReady } from './start-answers.ts';
import type { Exchange, PostExchange } from './session-service.ts';
import type { SessionsOptions } from './sessions.ts';
import { SharedChild } from './shared-child.ts';
import { untouched } from './translation.ts';

/** Shorter than the operator waits: a process that needs longer to start is asked for again. */
const ANSWERED_WITHIN_MS = 750;
/** For so long a process that has started waits to be asked for again. */
const UNCLAIMED_MS = 60_000;
/** A handshake that goes on for longer gives way to another one, as does one of which nothing was heard for so long: whoever asked has ended, or given up. */
const LONGEST_MS = 30_000;
const LEFT_MS = 2000;
const TICK_MS = 500;

const GOING_ON = 'Another handshake of the operator is going on: try again later.';

/** The process in the place; with an id once it serves a handshake. */
interface Occupant {
  readonly child: Child;
  readonly introduction: Promise<Introduction>;
  id?: string;
  /** Undefined while it starts, which has a bound of its own. */
  since?: number;
  /** When something was last asked or answered in its handshake. */
  heardMs?: number;
  shared?: SharedChild;
}

export class OperatorPlace {
  readonly #options: SessionsOptions;
  readonly #timer: NodeJS.Timeout;
  #occupant: Occupant | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
  }

  /** Answers `initialize`, at once also where the process needs longer. */
  async begin(request: RequestMessage, stream: AnswerStream): Promise<void> {
    const { id } = request;
    const occupant = await this.#take();
    if (occupant === undefined) return stream.fail({ ...busy(GOING_ON), id });
    const introduction = await inTime(ANSWERED_WITHIN_MS, occupant.introduction);
    if (introduction === undefined) return stream.fail(notYet(id, 'it takes longer than the operator waits'));
    if (introduction.era === 'none') return stream.fail(whyNotReady(id, introduction.failure));
    // Another one that waited for the same process was faster.
    if (occupant.id !== undefined) return stream.fail({ ...busy(GOING_ON), id });
    if (!stream.isOpen) return;
    const { settings, log, metrics } = this.#options;
    const { child } = occupant;
    occupant.shared = new SharedChild(child, 'operator', {
      ...settings, log, metrics, onEnd: () => this.#leave(occupant), onIdle: () => void (occupant.heardMs = performance.now()),
    });
    occupant.since = occupant.heardMs = performance.now();
    occupant.id = randomBytes(16).toString('hex');
    stream.sessionId = occupant.id;
    stream.reply(JSON.stringify({ jsonrpc: '2.0', id, result: introduction.result }));
  }

  /** Whether an id is that of the handshake which goes on here. */
  owns(sessionId: string | readonly string[] | undefined): boolean {
    return sessionId !== undefined && this.#occupant?.id === sessionId;
  }

  /** Passes requests of the handshake on; what wants no reply has been said already when the process introduced itself. */
  post({ requests, response, stream }: PostExchange): void {
    if (requests.length === 0) {
      response.writeHead(202).end();
      return;
    }
    const answer = stream();
    const occupant = this.#occupant;
    if (occupant !== undefined) occupant.heardMs = performance.now();
    for (const request of requests) occupant?.shared?.ask(request, answer, untouched);
  }

  get({ response }: Exchange): void {
    sendError(response, { status: 405, message: 'Method not allowed: a handshake of the operator has no event stream.', headers: { Allow: 'POST, DELETE' } });
  }

  delete({ response }: Exchange): void {
    if (this.#occupant !== undefined) this.#leave(this.#occupant);
    response.writeHead(200).end();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The process in the place, or a new one; undefined where a handshake goes on, or the process of the last one is about to end. */
  async #take(): Promise<Occupant | undefined> {
    const present = this.#occupant;
    if (present?.id === undefined && present?.child.isAlive === true) return present;
    if (present !== undefined) {
      if (isLeft(present)) this.#leave(present);
      else if (present.child.isAlive) return undefined;
      await inTime(ANSWERED_WITHIN_MS, present.child.ended);
      if (this.#occupant !== undefined) return this.#occupant.id === undefined ? this.#occupant : undefined;
    }
    return this.#start();
  }

  #start(): Occupant {
    const { pool, settings } = this.#options;
    const child = pool.take();
    const introduction = introduce(child, { timeoutMs: settings.startupTimeoutMs, discover: false });
    const occupant: Occupant = { child, introduction: introduction.then((found) => this.#introduced(occupant, found)) };
    this.#occupant = occupant;
    void child.ended.then(() => {
      if (this.#occupant === occupant) this.#occupant = undefined;
    });
    return occupant;
  }

  #introduced(occupant: Occupant, introduction: Introduction): Introduction {
    const { readiness, pool, metrics } = this.#options;
    occupant.since = performance.now();
    if (introduction.era !== 'none') {
      metrics.observe('mcp_bridge_child_start_seconds', (performance.now() - occupant.child.started) / 1000);
      readiness.succeeded();
      pool.succeeded();
      return introduction;
    }
    this.#leave(occupant);
    const { failure } = introduction;
    // A server of stateless requests alone refuses what begins a session, and serves its clients.
    if (failure.kind === 'RefusedInitialize') return introduction;
    metrics.count('mcp_bridge_child_start_failures_total');
    tellNotStarted(this.#options, failure);
    return introduction;
  }

  #tick(now: number): void {
    const occupant = this.#occupant;
    if (occupant === undefined) return;
    occupant.shared?.tick(now);
    const longest = occupant.id === undefined ? UNCLAIMED_MS : LONGEST_MS;
    if (occupant.since !== undefined && now - occupant.since > longest) this.#leave(occupant);
  }

  #leave({ child }: Occupant): void {
    void child.stop();
  }
}

function isLeft({ shared, heardMs = Infinity }: Occupant): boolean {
  return shared?.open === 0 && performance.now() - heardMs > LEFT_MS;
}
