// The newest lines of a log, from a kubelet that knows only "the last n pieces, from their start": the search and the cuts.
import type { LogQuery, LogTail } from './port.ts';
import { RequestError } from '../errors.ts';

/** Runtimes write a long line in pieces, containerd of 16 KiB and conmon of 8 KiB, and a kubelet counts pieces as lines. */
const PIECE_BYTES = 8 * 1024;
/** What one step reads at most; a longer answer would end before the newest line. */
const STEP_BYTES = 4 * 1024 * 1024;
/** What is read at most when a step of one line is longer. */
const LAST_LINE_BYTES = 64 * 1024 * 1024;

/** No character of UTF-8 is longer. */
const CHARACTER_BYTES = 4;
/** The byte that ends a line. */
export const LINE_END = 0x0a;

/** What one step of the search asks for. */
export interface Step {
  /** How many of the last pieces. */
  readonly pieces: number;
  /** When more than this arrives, the step ends and the rest is not read. */
  readonly limitBytes: number;
  /** How many of the last bytes are wanted. */
  readonly keepBytes: number;
}

/** What one step read. */
export interface Reading {
  /** The last bytes that arrived. */
  readonly end: Buffer;
  /** How many bytes arrived in all. */
  readonly bytes: number;
  /** How many lines, an unfinished last one included. */
  readonly lines: number;
  /** False when the rest was not read: then `end` is not the end of the log. */
  readonly complete: boolean;
}

/** How much of a log's end is wanted. */
export type TailQuery = Pick<LogQuery, 'tailLines' | 'maxBytes'>;

/**
 * Reads the newest lines. One step is the rule. Of a log whose last `tailLines` are too long for a step, steps of fewer lines
 * follow, some 15 at most, until one ends with the log and fills the result or meets a line that is longer than a step.
 * Rejects as `read` does, and with a RequestError when more than 64 MiB arrive for one line.
 */
export async function readNewestLines(query: TailQuery, read: (step: Step) => Promise<Reading>): Promise<LogTail> {
  const step = async (pieces: number, limitBytes = STEP_BYTES): Promise<Reading & Pick<Step, 'pieces'>> =>
    ({ pieces, ...await read({ pieces, limitBytes, keepBytes: query.maxBytes + CHARACTER_BYTES }) });
  // With as many more pieces as a result can hold, a line that is returned whole came whole.
  let tooMany = query.tailLines + Math.ceil(query.maxBytes / PIECE_BYTES) + 1;
  let enough = 0;
  let found = await step(tooMany);
  if (found.complete) return newestLines(query, found);
  while (tooMany - enough > 1) {
    // Halfway by their logarithms: the length of lines is not known by a factor of thousands.
    const next = await step(Math.max(enough + 1, Math.floor(Math.sqrt(Math.max(enough, 1) * tooMany))));
    if (next.complete) {
      found = next;
      enough = next.pieces;
      if (next.bytes > query.maxBytes || hasAll(query, next)) break;
    } else tooMany = next.pieces;
  }
  if (!found.complete) found = await step(1, LAST_LINE_BYTES);
  if (!found.complete) throw new RequestError('more than 64 MiB arrived for its newest line alone, and its end was not reached');
  return newestLines(query, found);
}

/** Whether all lines that are wanted, or all that there are, arrived: had pieces been left over, they would be long ones. */
function hasAll({ tailLines }: TailQuery, { pieces, lines, bytes }: Reading & Pick<Step, 'pieces'>): boolean {
  return lines >= tailLines || bytes < (pieces - lines) * PIECE_BYTES;
}

/** Cuts what was read to what is wanted. */
function newestLines(query: TailQuery, reading: Reading & Pick<Step, 'pieces'>): LogTail {
  const { tailLines, maxBytes } = query;
  const isPart = reading.bytes > reading.end.length;
  // Bytes that are no UTF-8 grow when they are decoded.
  const text = Buffer.from(reading.end.subarray(isPart ? nextCharacter(reading.end, 0) : 0).toString());
  const wanted = startOfLast(text, tailLines);
  const room = Math.max(0, text.length - maxBytes);
  const whole = room === 0 ? 0 : text.indexOf(LINE_END, room - 1) + 1;
  const firstIsCut = wanted < room && (whole === 0 || whole === text.length);
  const kept = text.subarray(Math.max(wanted, firstIsCut ? nextCharacter(text, room) : whole));
  const lines = linesIn(kept);
  const leftOut = hasAll(query, reading) ? Math.min(tailLines, reading.lines) - lines : undefined;
  return { text: kept.toString(), lines, leftOut, firstIsCut };
}

/** Where the last `count` lines begin; 0 when there are no more. */
function startOfLast(text: Buffer, count: number): number {
  let start = text.length;
  for (let lines = 0; start > 0 && lines < count; lines += 1) start = start < 2 ? 0 : text.lastIndexOf(LINE_END, start - 2) + 1;
  return start;
}

/** The first byte at or after `index` that does not continue a character; none is longer than four bytes. */
function nextCharacter(text: Buffer, index: number): number {
  let next = index;
  while (next < index + 3 && ((text[next] ?? 0) & 0xc0) === 0x80) next += 1;
  return next;
}

function linesIn(text: Buffer): number {
  return lineEnds(text) + (text.length > 0 && text.at(-1) !== LINE_END ? 1 : 0);
}

/** How many lines end in `text`. */
export function lineEnds(text: Buffer): number {
  let count = 0;
  for (let at = text.indexOf(LINE_END); at >= 0; at = text.indexOf(LINE_END, at + 1)) count += 1;
  return count;
}
