// What a message that was too long to be read belonged to, and what its asker is told instead.
import type { ErrorReply } from './answer-stream.ts';
import type { LongLine } from './line-reader.ts';
import { isId, type Id } from './messages.ts';

/** Libraries write the id of a reply first or last. */
const FIRST = /^\s*\{\s*(?:"jsonrpc"\s*:\s*"2\.0"\s*,\s*)?"id"\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,20})/;
const LAST = /"id"\s*:\s*("(?:[^"\\]|\\.){0,200}"|-?\d{1,20})\s*\}\s*$/;

/** The id of the open request that such a message answers. */
export function idInLong({ head, tail }: LongLine, isOpen: (key: string) => boolean): Id | undefined {
  const candidates = [FIRST.exec(head)?.[1], LAST.exec(tail)?.[1]];
  const found = candidates.find((text) => text !== undefined && isOpen(text));
  const id: unknown = found === undefined ? undefined : JSON.parse(found);
  return isId(id) ? id : undefined;
}

export function tooLongReply(id: Id, bytes: number, most: number): ErrorReply {
  return { status: 200, id, message: `The server's answer of ${bytes} bytes is longer than the ${most} bytes that are passed on: ask for less.` };
}
