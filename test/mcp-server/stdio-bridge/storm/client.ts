// A client in the storm: it has a session nearly all the time, asks one thing after another, and judges all that it is told.
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { INITIALIZE } from '../bridge-process.ts';
import { exchange, type Answer, type ExchangeOptions, type Message, type Outcome } from './exchange.ts';
import type { Tally } from './tally.ts';

/** What may go on without an answer: the bridge's --request-timeout, and ten seconds in which a newcomer waits for a place. */
export const REQUEST_TIMEOUT_S = 10;
export const BOUND_MS = (REQUEST_TIMEOUT_S + 10 + 5) * 1000;
/** A connection may break for so long after a bridge was killed. */
const AFTERMATH_MS = 10_000;
const PAUSE_MS = 100;
/** An open event stream ends only with its session. */
const FOREVER_MS = 24 * 3_600_000;

export interface StormClientOptions {
  readonly url: URL;
  readonly tally: Tally;
  /** When a bridge was killed last. */
  readonly lastKill: () => number;
}

export class StormClient {
  readonly #options: StormClientOptions;
  #session: string | undefined;
  /** The process that its session has. */
  #pid: number | undefined;
  #listening: AbortController | undefined;
  #requests = 0;

  constructor(options: StormClientOptions) {
    this.#options = options;
  }

  /** Asks until it is to stop. */
  async run(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      await this.#turn();
      await delay(randomInt(PAUSE_MS));
    }
  }

  /** Once it is calm: it can be served, and ends its session. False when it cannot. */
  async finish(): Promise<boolean> {
    for (const end = Date.now() + BOUND_MS; Date.now() < end; await delay(PAUSE_MS)) {
      if (this.#session === undefined) await this.#begin();
      if (this.#session !== undefined && (await this.#call('echo', {})) && (await this.#end())) return true;
    }
    return false;
  }

  async #turn(): Promise<void> {
    if (this.#session === undefined) return this.#begin();
    if (this.#listening === undefined && randomInt(2) === 0) void this.#listen(this.#session);
    const dice = randomInt(100);
    if (dice < 65) await this.#call('echo', { padding: 'x'.repeat(randomInt(10) === 0 ? 100_000 : 10) });
    else if (dice < 80) await this.#call('slow', { milliseconds: randomInt(200, 2000) });
    else if (dice < 90) await this.#call('ask', {});
    else if (dice < 95) await this.#leaveInTheMiddle();
    else if (dice < 98) await this.#end();
    else this.#leave();
  }

  async #begin(): Promise<void> {
    const outcome = await this.#ask({ method: 'POST', body: INITIALIZE });
    if (!this.#isGood(outcome, 'initialize') || outcome.session === undefined) return;
    this.#session = outcome.session;
    this.#options.tally.count('session begun');
    this.#isGood(await this.#ask({ method: 'POST', session: this.#session, body: { method: 'notifications/initialized' } }), 'notification');
  }

  async #listen(session: string): Promise<void> {
    const listening = new AbortController();
    this.#listening = listening;
    const onBegin = (status: number): void => this.#options.tally.count(`event stream ${status}`);
    await exchange({ url: this.#options.url, method: 'GET', session, withinMs: FOREVER_MS, signal: listening.signal, onBegin });
    if (this.#listening === listening) this.#listening = undefined;
  }

  /** Whether the tool answered, and to what it was asked. */
  async #call(name: string, args: object): Promise<boolean> {
    const session = this.#session;
    const said = `${session} ${(this.#requests += 1)}`;
    const answers: Promise<unknown>[] = [];
    const onMessage = (message: Message): void => {
      if (message.method !== 'sampling/createMessage') return;
      const body = { id: message.id, result: message.params?.['said'] };
      answers.push(this.#ask({ method: 'POST', session, body }).then((outcome) => this.#isGood(outcome, 'answer to the server')));
    };
    const params = { name, arguments: { said, ...args }, _meta: { progressToken: this.#requests } };
    const outcome = await this.#ask({ method: 'POST', session, body: { id: this.#requests, method: 'tools/call', params }, onMessage });
    await Promise.all(answers);
    return this.#isGood(outcome, name) && this.#isReply(outcome, said, name);
  }

  #isReply({ messages }: Answer, said: string, name: string): boolean {
    const { tally } = this.#options;
    const reply = messages.find(({ id }) => id === this.#requests);
    // Told in an event stream that had begun.
    if (reply?.error !== undefined) tally.count(`${name}: ${reply.error.message}`);
    if (reply?.error !== undefined) return false;
    const { pid, said: heard } = JSON.parse(reply?.result?.content?.[0]?.text ?? '{}') as { pid?: number; said?: string };
    if (heard !== said) tally.wrong(`${name} was answered with ${JSON.stringify(messages).slice(0, 300)}`);
    if (this.#pid !== undefined && pid !== this.#pid) tally.wrong(`a session of process ${this.#pid} was answered by ${pid}`);
    this.#pid = pid;
    tally.count(`${name} succeeded`);
    // That of a request that was left comes with the next one.
    const progress = messages.filter(({ method, params }) => method === 'notifications/progress' && params?.['progressToken'] === this.#requests);
    if (name === 'slow' && progress.length !== 5) tally.wrong(`of five steps ${progress.length} were told`);
    return true;
  }

  async #leaveInTheMiddle(): Promise<void> {
    const { url, tally } = this.#options;
    this.#requests += 1;
    const params = { name: 'slow', arguments: { said: 0, milliseconds: 3000 } };
    const body = { id: this.#requests, method: 'tools/call', params };
    await exchange({ url, method: 'POST', session: this.#session, body, withinMs: BOUND_MS, signal: AbortSignal.timeout(randomInt(1, 300)) });
    tally.count('request left in the middle');
    await this.#ask({ method: 'POST', session: this.#session, body: { method: 'notifications/cancelled', params: { requestId: this.#requests } } });
  }

  async #end(): Promise<boolean> {
    const isGood = this.#isGood(await this.#ask({ method: 'DELETE', session: this.#session }), 'DELETE');
    if (isGood) {
      this.#options.tally.count('session ended by its client');
      this.#forget();
    }
    return isGood;
  }

  #leave(): void {
    this.#options.tally.count('session left');
    this.#forget();
  }

  #forget(): void {
    this.#listening?.abort();
    this.#listening = undefined;
    this.#session = undefined;
    this.#pid = undefined;
  }

  async #ask(options: Omit<ExchangeOptions, 'url' | 'withinMs'>): Promise<Outcome> {
    const started = performance.now();
    const outcome = await exchange({ ...options, url: this.#options.url, withinMs: BOUND_MS });
    this.#options.tally.took(performance.now() - started);
    return outcome;
  }

  /** Whether it succeeded. Where it did not the client must know what to do: come back, or begin anew. */
  #isGood(outcome: Outcome, what: string): outcome is Answer {
    const { tally, lastKill } = this.#options;
    if (outcome.kind === 'unanswered') tally.wrong(`${what} was not answered within ${BOUND_MS} ms`);
    if (outcome.kind === 'broken') {
      tally.count(`${what}: connection ${outcome.why}`);
      if (performance.now() - lastKill() > AFTERMATH_MS) tally.wrong(`${what}: ${outcome.why}, although no bridge was killed`);
    }
    if (outcome.kind !== 'answer') return false;
    const { status, messages, retryAfter } = outcome;
    if (status === 200 || status === 202) return true;
    const { message } = messages[0]?.error ?? {};
    tally.count(`${what}: ${status} ${message?.replace(/\d+ s\b/, 'N s')}`);
    if (message === undefined) tally.wrong(`${what} was answered ${status} without a word`);
    if (![404, 502, 503, 504].includes(status)) tally.wrong(`${what} was answered ${status}: ${message}`);
    if (status === 503 && retryAfter === undefined) tally.wrong(`${what} was told to come back, but not when`);
    if (status === 404) this.#lost();
    return false;
  }

  /** Its session is over: then so is its process. */
  #lost(): void {
    const pid = this.#pid;
    this.#forget();
    if (pid === undefined) return;
    const { tally } = this.#options;
    void delay(AFTERMATH_MS).then(() => isRunning(pid) && tally.wrong(`a session was said to be over, and its process ${pid} was not`));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
