// Reads the bodies of requests: JSON in UTF-8, bounded in bytes, pieces and values each, and in bytes all together.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { INVALID_REQUEST, PARSE_ERROR } from '../json-rpc.ts';
import { busy, sendError, type HttpRefusal } from './refusals.ts';
import { holdsMore, nestedDeeper } from './request-checks.ts';
import { clientOf, Shares } from './shares.ts';

const MAX_BODY_BYTES = 1024 * 1024;
/** Bodies of requests that are read or being answered. */
const MAX_BODIES_BYTES = 8 * 1024 * 1024;
/** What comes byte by byte costs as much for each as a full piece. */
const MOST_PIECES = 8_192;
/** What reads a body further on is recursive. */
export const MAX_DEPTH = 100;
/** Small values cost twenty times their text. */
const MOST_VALUES = 10_000;
const FIRST_BYTES = 4 * 1024;

const TOO_MANY_PIECES: HttpRefusal = { status: 413, message: `The body must not come in more than ${MOST_PIECES} pieces.`, headers: { Connection: 'close' } };
const NO_ROOM = busy('The bodies of other requests that are being answered leave no room for this one: try again when some have ended.');

/** A request whose body was read, and then parsed. */
export interface WithBody extends IncomingMessage {
  bytes?: Buffer | undefined;
  body?: unknown;
  /** Whose request it is, where that is not whose connection it is. Not `client`: that is Node's own name for the connection. */
  onBehalfOf?: string | undefined;
}

/** A step between a request and its answer, as Express calls it. */
export type Step = (request: WithBody, response: ServerResponse, next: () => void) => void;

function tooLong(most: number): HttpRefusal {
  return { status: 413, message: `The body must not exceed ${most} bytes.`, headers: { Connection: 'close' } };
}

/** What all bodies together may hold. */
export function bodyShares(most: number = MAX_BODIES_BYTES): Shares {
  return new Shares(most);
}

/** Makes the step that reads bodies of at most so many bytes, for `parseBody`; each is held until its request is answered. */
export function bodyReader(shares: Shares, most: number = MAX_BODY_BYTES): Step {
  return (request, response, next) => {
    const refusal = refusedUnread(request, most);
    if (refusal !== undefined) return sendError(response, refusal);
    const client = request.onBehalfOf ?? clientOf(request.socket);
    let taken = 0;
    response.once('close', () => shares.giveBack(client, taken));
    const take = (bytes: number): boolean => {
      if (response.closed || !shares.take(client, bytes)) return false;
      taken += bytes;
      return true;
    };
    readBytes(request, { most, take }, (outcome) => {
      if (Buffer.isBuffer(outcome)) {
        request.bytes = outcome;
        return next();
      }
      sendError(response, outcome);
      // The answer is on its way. Until the connection is closed all that has arrived is read, piece by piece.
      if (outcome === TOO_MANY_PIECES) request.socket.destroy();
    });
  };
}

/** The step that parses what was read. `body` stays undefined when there was nothing. */
export const parseBody: Step = (request, response, next) => {
  const { bytes = Buffer.alloc(0) } = request;
  request.bytes = undefined;
  const { body, refusal } = parseJson(bytes, MOST_VALUES);
  if (refusal !== undefined) return sendError(response, refusal);
  request.body = body;
  next();
};

/** What the headers alone rule out. */
function refusedUnread({ headers }: IncomingMessage, most: number): HttpRefusal | undefined {
  const { 'content-type': type = '', 'content-encoding': encoding = 'identity', 'content-length': length = '0' } = headers;
  const [media = '', ...parameters] = type.toLowerCase().split(';').map((part) => part.trim());
  const charset = parameters.find((each) => each.startsWith('charset='))?.slice('charset='.length).replaceAll('"', '') ?? 'utf-8';
  const hasBody = headers['transfer-encoding'] !== undefined || Number(length) > 0;
  if (hasBody && media !== 'application/json') return { status: 415, message: 'The body must be JSON: send it with Content-Type: application/json.' };
  if (!['utf-8', 'utf8', 'us-ascii'].includes(charset)) return { status: 415, message: 'The body must be JSON in UTF-8.' };
  if (encoding.toLowerCase() !== 'identity') return { status: 415, message: 'The body must not be compressed.' };
  return Number(length) > most ? tooLong(most) : undefined;
}

/** Calls back once: with all bytes, or with why they are not taken. Pieces are copied together, for each of its own would cost more than it holds. */
function readBytes(
  request: IncomingMessage,
  { most, take }: { readonly most: number; readonly take: (bytes: number) => boolean },
  done: (outcome: Buffer | HttpRefusal) => void,
): void {
  let buffer = Buffer.alloc(0);
  let used = 0;
  let pieces = 0;
  const end = (outcome: Buffer | HttpRefusal): void => {
    request.off('data', onData).off('end', onEnd);
    // What still comes is dropped.
    request.resume();
    done(outcome);
  };
  const onEnd = (): void => end(buffer.subarray(0, used));
  const onData = (piece: Buffer): void => {
    pieces += 1;
    if (used + piece.length > most) return end(tooLong(most));
    if (pieces > MOST_PIECES) return end(TOO_MANY_PIECES);
    if (used + piece.length > buffer.length) {
      const room = Math.min(most, Math.max(FIRST_BYTES, 2 * buffer.length, used + piece.length));
      if (!take(room - buffer.length)) return end(NO_ROOM);
      buffer = Buffer.concat([buffer.subarray(0, used)], room);
    }
    used += piece.copy(buffer, used);
  };
  request.on('data', onData).on('end', onEnd);
}

interface Parsed {
  readonly text?: string;
  readonly body?: unknown;
  readonly refusal?: HttpRefusal;
}

/** The text of a body and what it says, or why it is not taken; neither of an empty one. */
export function parseJson(bytes: Buffer, mostValues: number): Parsed {
  if (bytes.length === 0) return {};
  const text = new TextDecoder().decode(bytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { refusal: { status: 400, code: PARSE_ERROR, message: 'Parse error: the body is not valid JSON.' } };
  }
  if (holdsMore(body, mostValues)) return invalid(`The body must not hold more than ${mostValues} values.`);
  if (nestedDeeper(body, MAX_DEPTH)) return invalid(`The body must not be nested deeper than ${MAX_DEPTH} levels.`);
  return { text, body };
}

function invalid(message: string): { readonly refusal: HttpRefusal } {
  return { refusal: { status: 400, code: INVALID_REQUEST, message } };
}
