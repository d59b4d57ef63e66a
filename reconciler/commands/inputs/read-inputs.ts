// Reads everything that `-f` names, in its order: files, folders, URLs, standard input.
import { readBounded } from '../read-bounded.ts';
import type { Surroundings } from '../surroundings.ts';
import { reasonOf, UserError } from '../user-error.ts';
import type { FileFlags } from './file-flags.ts';
import { fetchText, isUrl, nameOf } from './fetch-text.ts';
import { filesAt } from './files.ts';

/** A text, and what messages call it. */
export interface Input {
  readonly name: string;
  readonly text: string;
}

/** All texts of one command together: YAML takes some fifty times as much memory while it is read. */
const MOST_BYTES = 16 * 1024 * 1024;

/** The texts. Throws UserError for the first that cannot be read, and when all are too long together. */
export async function readInputs({ filename, recursive }: FileFlags, surroundings: Pick<Surroundings, 'env' | 'stdin'>): Promise<Input[]> {
  if (filename.filter((each) => each === '-').length > 1) throw new UserError('standard input can be read once; give -f - one time');
  const inputs: Input[] = [];
  let left = MOST_BYTES;
  for (const name of filename) {
    const files = isUrl(name) || name === '-' ? [name] : await filesAt(name, { recursive: recursive === true });
    for (const file of files) {
      const input = isUrl(name) ? { name: nameOf(name), text: await fetchText(name, surroundings) } : await readText(file, surroundings);
      left -= Buffer.byteLength(input.text);
      if (left < 0) throw new UserError(`what -f names is longer than ${MOST_BYTES / (1024 * 1024)} MiB together; give less at a time`);
      inputs.push(input);
    }
  }
  return inputs;
}

async function readText(file: string, surroundings: Pick<Surroundings, 'stdin'>): Promise<Input> {
  const name = file === '-' ? 'standard input' : file;
  try {
    return { name, text: await readBounded(file, MOST_BYTES, surroundings) };
  } catch (error) {
    throw new UserError(`cannot read ${name}: ${reasonOf(error)}; give a YAML file with MCPServers`, { cause: error });
  }
}
