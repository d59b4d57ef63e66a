// What one connection, and all of them, may hold: their number, requests that are not answered yet, and answers nobody takes.
import { STATUS_CODES, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ANSWER_MS } from './answers.ts';
import { busy, refusalBody, type HttpRefusal } from './refusals.ts';
import { clientOf } from './shares.ts';
import { serveSliced, type SlicedSocket } from './sliced-socket.ts';

/** Connections in all. */
const MOST_CONNECTIONS = 512;
/** Requests of one connection that are not answered yet: clients send the next one when they have read the answer. */
const MOST_UNANSWERED = 2;

/** What is allowed; what is left out is as in the constants. */
export interface ConnectionLimits {
  readonly connections?: number;
  readonly answerMs?: number;
}

/** Bounds a server's connections, and hands on to the listener the requests that are within bounds. Returns how many connections there are. */
export function boundConnections(server: Server, listener: RequestListener, limits: ConnectionLimits = {}): () => number {
  const { connections = MOST_CONNECTIONS, answerMs = ANSWER_MS } = limits;
  const open = new Connections(connections);
  serveSliced(server, (socket) => {
    const isTaken = open.add(socket);
    if (!isTaken) refuse(socket);
    return isTaken;
  });
  server.on('request', (request, response) => {
    // At once, and so without a word: until it is closed all that has arrived is read, and becomes requests.
    if (open.begin(request.socket) > MOST_UNANSWERED) {
      endQuietly(request.socket);
      return;
    }
    response.once('close', () => open.end(request.socket));
    mustBeTaken(request, response, answerMs);
    listener(request, response);
  });
  return () => open.total;
}

/** The open connections by client, oldest first, and how many requests of each are not answered yet. */
class Connections {
  readonly #most: number;
  readonly #byClient = new Map<string, Map<Duplex, number>>();
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get total(): number {
    return this.#total;
  }

  /** Takes one more in; where there is no room, the client that holds most loses one for it. False when that is who asks, or nearly. */
  add(socket: SlicedSocket): boolean {
    const client = clientOf(socket);
    const own = this.#byClient.get(client) ?? new Map<Duplex, number>();
    if (own.size + 1 > this.#most - this.#total && !this.#makeRoom(own.size)) return false;
    this.#byClient.set(client, own.set(socket, 0));
    this.#total += 1;
    socket.once('close', () => this.#remove(client, socket));
    return true;
  }

  /** How many requests of the connection are not answered, with this one. */
  begin(socket: Socket): number {
    const own = this.#byClient.get(clientOf(socket));
    const count = (own?.get(socket) ?? Number.POSITIVE_INFINITY) + 1;
    if (own?.has(socket) === true) own.set(socket, count);
    return count;
  }

  end(socket: Socket): void {
    const own = this.#byClient.get(clientOf(socket));
    const count = own?.get(socket);
    if (count !== undefined) own?.set(socket, count - 1);
  }

  #makeRoom(own: number): boolean {
    const [client, theirs] = [...this.#byClient].reduce((most, each) => (each[1].size > most[1].size ? each : most));
    if (theirs.size <= own + 1) return false;
    const [socket] = [...theirs].find(([, unanswered]) => unanswered === 0) ?? [...theirs][0] ?? [];
    if (socket === undefined) return false;
    this.#remove(client, socket);
    socket.destroy();
    return true;
  }

  #remove(client: string, socket: Duplex): void {
    const own = this.#byClient.get(client);
    if (own?.delete(socket) !== true) return;
    if (own.size === 0) this.#byClient.delete(client);
    this.#total -= 1;
  }
}

/** Node gives each request that a closed connection leaves an error of its own; of thousands the stack traces alone would take seconds. */
function endQuietly(socket: Socket): void {
  if (socket.destroyed) return;
  const { stackTraceLimit } = Error;
  socket.prependOnceListener('close', () => (Error.stackTraceLimit = 0));
  socket.once('close', () => (Error.stackTraceLimit = stackTraceLimit));
  socket.destroy();
}

/** The time counts from when the whole answer is there. */
function mustBeTaken({ socket }: IncomingMessage, response: ServerResponse, answerMs: number): void {
  let timer: NodeJS.Timeout | undefined;
  response.once('prefinish', () => (timer = setTimeout(() => socket.destroy(), answerMs)));
  response.once('close', () => clearTimeout(timer));
}

/** Before anything was asked: there is no response yet. */
function refuse(socket: SlicedSocket): void {
  socket.on('error', () => undefined);
  socket.write(answerOf(busy('Too many connections, of which this client has most or many: try again when some have ended.', { Connection: 'close' })));
  socket.destroySoon();
}

function answerOf(refusal: HttpRefusal): string {
  const body = JSON.stringify(refusalBody(refusal));
  const headers = { ...refusal.headers, 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': Buffer.byteLength(body) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}\r\n${lines.join('')}\r\n${body}`;
}
