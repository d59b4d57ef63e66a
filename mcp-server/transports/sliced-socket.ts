// Connections that are read by slices, a few in each turn of the event loop, so that what they send never keeps others waiting for long.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** Read at a time: the system hands over 64 KiB, which can be two thousand requests. */
const SLICE_BYTES = 2048;
/** Time for reading in one turn: a turn accepts one connection, so whoever comes after two hundred others waits for as many turns. */
const TURN_MS = 1;

/** Lets the server serve `accept`ed connections, each by slices. */
export function serveSliced(server: Server, accept: (socket: SlicedSocket) => boolean): void {
  // An HTTP server may be given any duplex stream for a connection: https://nodejs.org/api/http.html#event-connection
  const serve = server.listeners('connection');
  const turns = new Turns();
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    const sliced = new SlicedSocket(socket, turns);
    if (accept(sliced)) for (const each of serve) each.call(server, sliced);
  });
}

type Written = (error?: Error | null) => void;

/** Who wants to read, first come first served. */
class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Calls back in this turn or a later one; with nothing to read that costs nothing. */
  wait(read: () => void): void {
    if (this.#waiting.push(read) === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const end = performance.now() + TURN_MS;
    // The first stays in its place until it has read, so that whoever waits meanwhile starts no second run.
    do {
      this.#waiting[0]?.();
      this.#waiting.shift();
    } while (this.#waiting.length > 0 && performance.now() < end);
    if (this.#waiting.length > 0) setImmediate(() => this.#run());
  }
}

export class SlicedSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly #socket: Socket;
  readonly #turns: Turns;
  #isEmpty = false;

  constructor(socket: Socket, turns: Turns) {
    super({ readableHighWaterMark: SLICE_BYTES, decodeStrings: false });
    this.#socket = socket;
    this.#turns = turns;
    this.remoteAddress = socket.remoteAddress;
    socket.on('readable', () => this.#isEmpty && this._read());
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
    socket.on('timeout', () => this.emit('timeout'));
  }

  /** Milliseconds without traffic until 'timeout'. */
  setTimeout(milliseconds: number): this {
    this.#socket.setTimeout(milliseconds);
    return this;
  }

  /** Ends when all is written. */
  destroySoon(): void {
    this.end(() => this.destroy());
  }

  override _read(): void {
    this.#isEmpty = false;
    this.#turns.wait(() => {
      const slice = this.destroyed ? null : this.#slice();
      this.#isEmpty = slice === null;
      if (slice !== null) this.push(slice);
    });
  }

  /** Null while there is none. */
  #slice(): Buffer | null {
    const available = this.#socket.readableLength;
    return this.#socket.read(available === 0 ? undefined : Math.min(SLICE_BYTES, available)) as Buffer | null;
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, written: Written): void {
    this.#socket.write(chunk, encoding, written);
  }

  override _writev(chunks: readonly { chunk: Buffer | string; encoding: BufferEncoding }[], written: Written): void {
    const last = chunks.length - 1;
    this.#socket.cork();
    for (const [index, { chunk, encoding }] of chunks.entries()) {
      this.#socket.write(chunk, encoding, index === last ? written : undefined);
    }
    this.#socket.uncork();
  }

  override _final(done: () => void): void {
    this.#socket.end(done);
  }

  override _destroy(error: Error | null, done: Written): void {
    this.#socket.destroy();
    done(error);
  }
}
