// Stateless requests: to a process that knows them where the server does, else translated; and never to that of somebody's session.
import { METHOD_NOT_FOUND } from '../json-rpc.ts';
import { busy } from '../transports/refusals.ts';
import type { AnswerStream } from './answer-stream.ts';
import type { StatelessService } from './endpoint.ts';
import { introduce } from './introduction.ts';
import type { Log } from './log.ts';
import type { RequestMessage } from './messages.ts';
import type { Metrics } from './metrics.ts';
import { notStarted } from './start-answers.ts';
import type { Prober } from './prober.ts';
import { SESSION_VERSIONS, STATELESS_VERSION, UNSUPPORTED_VERSION } from './protocol.ts';
import type { Sessions } from './sessions.ts';
import type { Settings } from './settings.ts';
import { SharedChild } from './shared-child.ts';
import { absent, type StandingChild } from './standing-child.ts';
import { discovered, isTranslatable, stateless, translated } from './translation.ts';

const TICK_MS = 500;

export interface StatelessOptions {
  readonly settings: Settings;
  readonly prober: Prober;
  readonly sessions: Sessions;
  /** The shared processes, by the era they speak. */
  readonly standing: Readonly<Record<'stateless' | 'sessions', StandingChild>>;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Stateless implements StatelessService {
  readonly #options: StatelessOptions;

  constructor(options: StatelessOptions) {
    this.#options = options;
  }

  async ask(request: RequestMessage, stream: AnswerStream): Promise<void> {
    const { prober, standing, settings } = this.#options;
    const known = await prober.known;
    if (known.era === 'none') return stream.fail(notStarted(request.id, known.failure));
    if (known.era === 'stateless') {
      const native = await standing.stateless.get();
      return 'why' in native ? stream.fail({ ...absent(native), id: request.id }) : native.shared.ask(request, stream, stateless);
    }
    if (!isTranslatable(request.method)) {
      return stream.fail({ status: 404, code: METHOD_NOT_FOUND, id: request.id, message: `The method ${request.method} does not exist in ${STATELESS_VERSION}, or the server cannot answer it.` });
    }
    return settings.sessions === 'Shared' ? await this.#askShared(request, stream) : await this.#askAlone(request, stream);
  }

  async #askShared(request: RequestMessage, stream: AnswerStream): Promise<void> {
    const shared = await this.#options.standing.sessions.get();
    if ('why' in shared) return stream.fail({ ...absent(shared), id: request.id });
    if (request.method === 'server/discover') return void stream.reply(discovered(request, shared.result));
    shared.shared.ask(request, stream, translated);
  }

  /** Where each session has a process, each stateless request has one, too. So clients that can do either are told to open a session. */
  async #askAlone(request: RequestMessage, stream: AnswerStream): Promise<void> {
    if (request.method === 'server/discover') {
      const data = { supported: SESSION_VERSIONS, requested: STATELESS_VERSION };
      return stream.fail({ status: 400, code: UNSUPPORTED_VERSION, id: request.id, message: 'The server keeps a session for each client: begin one with initialize.', data });
    }
    const { sessions, settings, log, metrics } = this.#options;
    const child = await sessions.borrow();
    if (child === undefined) return stream.fail({ ...busy('All sessions are in use: try again later.'), id: request.id });
    const introduction = await introduce(child, { timeoutMs: settings.startupTimeoutMs, discover: false });
    if (introduction.era !== 'sessions' || !stream.isOpen) {
      void child.stop();
      return introduction.era === 'none' ? stream.fail(notStarted(request.id, introduction.failure)) : undefined;
    }
    const end = (): void => {
      clearInterval(timer);
      void child.stop();
    };
    const shared = new SharedChild(child, 'stateless', { ...settings, log, metrics, onEnd: end, onIdle: end });
    const timer = setInterval(() => shared.tick(performance.now()), TICK_MS);
    shared.ask(request, stream, translated);
    if (shared.open === 0) end();
  }
}
