// Reads a small file or standard input, and no more of it than may be there: a device has no end.
import { createReadStream } from 'node:fs';
import { reasonOf, UserError } from '../user-error.ts';

/** The text of a file, of standard input for `-`. `what` it is stands in the UserError that it throws. */
export async function readSome(file: string, { most, what }: { readonly most: number; readonly what: string }): Promise<string> {
  const name = file === '-' ? 'standard input' : file === '' ? 'a file without a name' : file;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    const stream = file === '-' ? process.stdin : createReadStream(file);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > most) break;
    }
  } catch (error) {
    throw new UserError(`cannot read ${what} from ${name}: ${reasonOf(error)}`, { cause: error });
  }
  if (bytes > most) throw new UserError(`cannot read ${what} from ${name}: it is longer than ${most / 1024} KiB`);
  return Buffer.concat(chunks).toString();
}
