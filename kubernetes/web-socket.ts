// What goes over a socket that became a WebSocket (RFC 6455): messages as frames, as either side writes and reads them.
import { createHash, randomBytes } from 'node:crypto';

/** Kinds of frames; what follows a piece of a message has kind 0. */
export const OPCODES = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** A message, or what controls the connection. */
export interface Message {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Nobody has to send longer messages through the API server. */
const LONGEST_MESSAGE = 1024 * 1024;
const MASK_BYTES = 4;
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Who sends: a client's frames are masked, so that nothing on the way takes them for something else. */
export type Sender = 'client' | 'server';

/** A key for the request that asks for a WebSocket. */
export function newKey(): string {
  return randomBytes(16).toString('base64');
}

/** What a server that understood answers to a key. */
export function acceptOf(key: string): string {
  return createHash('sha1').update(key + ACCEPT_SUFFIX).digest('base64');
}

/** One message as one frame. */
export function frameOf(opcode: number, payload: Buffer, sender: Sender): Buffer {
  const { length } = payload;
  const sizeBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const head = Buffer.alloc(2 + sizeBytes);
  head[0] = 0x80 + opcode;
  head[1] = (sender === 'client' ? 0x80 : 0) + (sizeBytes === 0 ? length : sizeBytes === 2 ? 126 : 127);
  if (sizeBytes === 2) head.writeUInt16BE(length, 2);
  if (sizeBytes === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (sender === 'server') return Buffer.concat([head, payload]);
  const mask = randomBytes(MASK_BYTES);
  return Buffer.concat([head, mask, masked(payload, mask)]);
}

/** The same twice is the payload again. */
function masked(payload: Buffer, mask: Buffer): Buffer {
  const result = Buffer.allocUnsafe(payload.length);
  // oxlint-disable-next-line no-bitwise -- what the RFC wants
  for (let index = 0; index < payload.length; index += 1) result[index] = (payload[index] ?? 0) ^ (mask[index % MASK_BYTES] ?? 0);
  return result;
}

/** Reads what one side sends. */
export class MessageReader {
  readonly #sender: Sender;
  #held: Buffer = Buffer.alloc(0);
  #begun: { readonly opcode: number; pieces: Buffer[]; bytes: number } | undefined;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  /** The messages that end in a chunk. Throws Error for what is no WebSocket, or a message of more than 1 MiB. */
  push(chunk: Buffer): Message[] {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const messages: Message[] = [];
    for (let frame = this.#next(); frame !== undefined; frame = this.#next()) {
      const message = this.#join(frame);
      if (message !== undefined) messages.push(message);
    }
    return messages;
  }

  #next(): (Message & { readonly isLast: boolean }) | undefined {
    const held = this.#held;
    const [first, second] = [held[0], held[1]];
    if (first === undefined || second === undefined) return undefined;
    // oxlint-disable no-bitwise -- a frame is made of bits
    const isLast = (first & 0x80) !== 0;
    const opcode = first & 0x0f;
    const isMasked = (second & 0x80) !== 0;
    if ((first & 0x70) !== 0 || isMasked !== (this.#sender === 'client')) throw new Error(`what came is not a frame of a WebSocket ${this.#sender}`);
    const short = second & 0x7f;
    // oxlint-enable no-bitwise
    const sizeEnd = 2 + (short < 126 ? 0 : short === 126 ? 2 : 8);
    const start = sizeEnd + (isMasked ? MASK_BYTES : 0);
    if (held.length < start) return undefined;
    const length = short < 126 ? short : short === 126 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
    if (length > LONGEST_MESSAGE) throw new Error(`a message of ${length} bytes came, which is too long`);
    if (held.length < start + length) return undefined;
    this.#held = held.subarray(start + length);
    const payload = held.subarray(start, start + length);
    return { opcode, payload: isMasked ? masked(payload, held.subarray(sizeEnd, start)) : payload, isLast };
  }

  /** Control frames may come between the pieces of a message. */
  #join({ opcode, payload, isLast }: Message & { readonly isLast: boolean }): Message | undefined {
    if (opcode >= OPCODES.close) return { opcode, payload };
    if (opcode !== OPCODES.more) this.#begun = { opcode, pieces: [], bytes: 0 };
    if (this.#begun === undefined) throw new Error('a message goes on that was not begun');
    this.#begun.pieces.push(payload);
    this.#begun.bytes += payload.length;
    if (this.#begun.bytes > LONGEST_MESSAGE) throw new Error(`a message of more than ${LONGEST_MESSAGE} bytes came, which is too long`);
    if (!isLast) return undefined;
    const message = { opcode: this.#begun.opcode, payload: Buffer.concat(this.#begun.pieces) };
    this.#begun = undefined;
    return message;
  }
}
