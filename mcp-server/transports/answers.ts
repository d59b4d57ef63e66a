// Answers that wait to be taken: bounded in bytes, all together and for each client.
import type { ServerResponse } from 'node:http';
import type { WithBody } from './bodies.ts';
import { busy, refusalBody } from './refusals.ts';
import { clientOf, Shares } from './shares.ts';

/** Answers that are not taken yet. */
const MAX_ANSWERS_BYTES = 16 * 1024 * 1024;
/** For so long an answer waits to be taken, however slowly its client reads; then its connection is closed. */
export const ANSWER_MS = 30_000;

/** Other bounds than the constants. */
interface AnswerLimits {
  readonly bytes?: number | undefined;
  readonly takenWithinMs?: number | undefined;
}

/** The answers of a server that hold memory. */
export class Answers {
  readonly #shares: Shares;
  readonly #takenWithinMs: number;

  constructor({ bytes = MAX_ANSWERS_BYTES, takenWithinMs = ANSWER_MS }: AnswerLimits = {}) {
    this.#shares = new Shares(bytes);
    this.#takenWithinMs = takenWithinMs;
  }

  /** How many bytes wait. */
  get bytes(): number {
    return this.#shares.total;
  }

  /** The answer as a whole, which counts until its client has taken it or is gone; or why there is no room for it. */
  async hold(response: Response, request: WithBody, to: ServerResponse): Promise<Response> {
    const body = Buffer.from(await response.arrayBuffer());
    const client = clientOf(request.socket);
    if (to.closed || !this.#shares.take(client, body.length)) {
      const { headers = {}, ...refusal } = busy('Answers that were not taken yet leave no room for this one: read them, and ask again.');
      return Response.json(refusalBody(refusal, idOf(request.body)), { status: refusal.status, headers });
    }
    const late = setTimeout(() => request.socket.destroy(), this.#takenWithinMs);
    to.once('close', () => {
      clearTimeout(late);
      this.#shares.giveBack(client, body.length);
    });
    return new Response(body, { status: response.status, headers: { ...Object.fromEntries(response.headers), 'content-length': String(body.length) } });
  }
}

function idOf(message: unknown): string | number | null {
  const id: unknown = typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  return typeof id === 'string' || typeof id === 'number' ? id : null;
}
