// Reads a file or standard input, and no more of it than may be there: a device has no end.
import { createReadStream } from 'node:fs';
import type { Surroundings } from './surroundings.ts';

/** What was read is longer than it may be. */
export class TooLongError extends Error {
  override readonly name = 'TooLongError';
}

/** The text of a file, of standard input for `-`. Rejects with TooLongError, or with what the system says. */
export async function readBounded(file: string, mostBytes: number, { stdin }: Pick<Surroundings, 'stdin'>): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const stream = file === '-' ? stdin() : createReadStream(file);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > mostBytes) throw new TooLongError(`it is longer than ${amount(mostBytes)}`);
  }
  return Buffer.concat(chunks).toString();
}

function amount(bytes: number): string {
  return bytes % (1024 * 1024) === 0 ? `${bytes / (1024 * 1024)} MiB` : `${bytes / 1024} KiB`;
}
