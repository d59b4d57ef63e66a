// All sessions: how many there may be, how a new one begins, and when one ends that nobody uses.
import { busy, type HttpRefusal } from '../transports/refusals.ts';
import type { AnswerStream } from './answer-stream.ts';
import type { Child, ChildEnd } from './child.ts';
import type { Log } from './log.ts';
import { objectIn, type RequestMessage } from './messages.ts';
import type { Metrics } from './metrics.ts';
import type { Pool } from './pool.ts';
import { SESSION_NOT_FOUND } from './protocol.ts';
import { tellNotStarted, type Readiness } from './readiness.ts';
import { newSessionId } from './session-ids.ts';
import { hashOf, isRefused, Session, type EndReason } from './session.ts';
import type { Settings } from './settings.ts';
import { failureOfEnd, failureOfSilence, type StartFailure } from './start-failure.ts';

/** A new session waits so long for the process of one that is ending. */
const ROOM_MS = 10_000;
const TICK_MS = 500;
/** Ended sessions whose reason is still known. */
const MOST_REMEMBERED = 1000;

export interface SessionsOptions {
  readonly settings: Settings;
  readonly pool: Pool;
  readonly readiness: Readiness;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #byId = new Map<string, Session>();
  readonly #gone = new Map<string, string>();
  readonly #waiting: ((hasRoom: boolean) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #processes = 0;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#tick(performance.now()), TICK_MS);
    options.metrics.watch({ name: 'mcp_bridge_sessions', help: 'Open sessions.', read: () => this.#byId.size });
    options.metrics.watch({ name: 'mcp_bridge_requests_open', help: 'Requests of sessions that are not answered yet.', read: () => this.open });
  }

  /** Requests that are not answered yet. */
  get open(): number {
    return [...this.#byId.values()].reduce((sum, { open }) => sum + open, 0);
  }

  /** How many more sessions there may be. */
  get room(): number {
    return Math.max(0, this.#options.settings.maxSessions - this.#processes);
  }

  /** The session of an id, or why there is none. */
  find(id: string): Session | HttpRefusal {
    const session = this.#byId.get(id);
    if (session !== undefined) return session;
    const why = this.#gone.get(hashOf(id));
    const message = why === undefined ? 'There is no such session' : `The session has ended (${why})`;
    return { status: 404, code: SESSION_NOT_FOUND, message: `${message}: begin a new one with initialize.` };
  }

  /** Begins a session with `initialize`: the reply, or why there is none, goes to the stream. */
  async begin(request: RequestMessage, stream: AnswerStream): Promise<void> {
    const child = await this.borrow();
    if (child === undefined) {
      const refusal = busy(`All ${this.#options.settings.maxSessions} sessions are in use: try again later.`);
      return stream.fail({ ...refusal, id: request.id });
    }
    if (stream.isOpen) this.#begin(child, request, stream);
    else void child.stop();
  }

  /** A process that counts as that of a session until it has ended; undefined when there is no room for it. */
  async borrow(): Promise<Child | undefined> {
    if (!(await this.#takeRoom())) {
      this.#options.metrics.count('mcp_bridge_rejected_total', 'sessions');
      return undefined;
    }
    const child = this.#options.pool.take();
    void child.ended.then(() => this.#giveRoomBack());
    return child;
  }

  /** Ends what only waits, so that what is being answered can end. */
  stopListening(): void {
    for (const session of this.#byId.values()) session.stopListening();
  }

  stop(): void {
    clearInterval(this.#timer);
    for (const session of this.#byId.values()) session.end('draining');
    for (const tell of this.#waiting.splice(0)) tell(false);
  }

  #begin(child: Child, request: RequestMessage, stream: AnswerStream): void {
    const { settings, log, metrics, readiness, pool } = this.#options;
    let isBegun = false;
    const session = new Session(newSessionId(settings.address ?? ''), child, {
      ...settings,
      log,
      metrics,
      onEnd: (reason, end) => {
        clearTimeout(late);
        this.#ended(session, reason, end);
        if (!isBegun && end !== undefined) this.#notStarted(failureOfEnd(end));
      },
    });
    this.#byId.set(session.id, session);
    const tooLate = async (): Promise<void> => {
      const failure = failureOfSilence(await child.silence(settings.startupTimeoutMs / 1000));
      if (isBegun || !child.isAlive) return;
      this.#notStarted(failure);
      session.end('not started', failure);
    };
    const late = setTimeout(() => void tooLate(), settings.startupTimeoutMs);
    stream.onClose = () => {
      // Nobody else knows its id.
      if (!isBegun) session.end('client left');
    };
    session.ask(request, stream, (reply) => {
      clearTimeout(late);
      isBegun = true;
      if (isRefused(reply)) {
        stream.sessionId = undefined;
        queueMicrotask(() => session.end('refused'));
        return;
      }
      readiness.succeeded();
      pool.succeeded();
      metrics.observe('mcp_bridge_child_start_seconds', (performance.now() - child.started) / 1000);
      const { protocolVersion } = objectIn(reply.value['result']);
      if (typeof protocolVersion === 'string') session.version = protocolVersion;
      metrics.count('mcp_bridge_sessions_opened_total');
      log.info('session opened', { session: session.hash, pid: child.pid });
    });
  }

  #notStarted(failure: StartFailure): void {
    this.#options.metrics.count('mcp_bridge_child_start_failures_total');
    tellNotStarted(this.#options, failure);
  }

  #ended({ id, hash, child }: Session, reason: EndReason, end: ChildEnd | undefined): void {
    this.#byId.delete(id);
    const why = end === undefined ? reason : `its server ended: ${end.how}`;
    this.#gone.set(hash, why);
    for (const oldest of this.#gone.keys()) if (this.#gone.size > MOST_REMEMBERED) this.#gone.delete(oldest);
    this.#options.metrics.count('mcp_bridge_sessions_ended_total', reason);
    const fields = { session: hash, pid: child.pid, reason, ...(end !== undefined && { how: end.how, lastWords: end.lastWords }) };
    if (end === undefined) this.#options.log.info('session ended', fields);
    else this.#options.log.warn('session ended with its server', fields);
    this.#options.pool.fill(0);
  }

  /** A place for one more process, where need be that of a session whose client has left. */
  async #takeRoom(): Promise<boolean> {
    if (this.#processes < this.#options.settings.maxSessions) {
      this.#processes += 1;
      return true;
    }
    const now = performance.now();
    const isFree = this.#processes - this.#byId.size > this.#waiting.length;
    if (!isFree) [...this.#byId.values()].find((each) => each.isAbandoned(now))?.end('no room');
    if (this.#processes - this.#byId.size <= this.#waiting.length) return false;
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#waiting.push(resolve);
    const late = setTimeout(() => {
      const place = this.#waiting.indexOf(resolve);
      if (place >= 0) this.#waiting.splice(place, 1);
      resolve(false);
    }, ROOM_MS);
    return promise.finally(() => clearTimeout(late));
  }

  #giveRoomBack(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#processes -= 1;
    else next(true);
    this.#options.pool.fill(0);
  }

  #tick(now: number): void {
    for (const session of this.#byId.values()) {
      session.tick(now);
      if (!session.isBusy && now - session.idleSince > this.#options.settings.idleTimeoutMs) session.end('idle');
    }
  }
}
