// Reads what a flag names, with words for what it is.
import { readBounded } from '../read-bounded.ts';
import type { Surroundings } from '../surroundings.ts';
import { reasonOf, UserError } from '../user-error.ts';

interface Reading extends Pick<Surroundings, 'stdin'> {
  readonly most: number;
  readonly what: string;
}

/** The text of a file, of standard input for `-`. `what` it is stands in the UserError that it throws. */
export async function readSome(file: string, { most, what, ...source }: Reading): Promise<string> {
  const name = file === '-' ? 'standard input' : file === '' ? 'a file without a name' : file;
  try {
    return await readBounded(file, most, source);
  } catch (error) {
    throw new UserError(`cannot read ${what} from ${name}: ${reasonOf(error)}`, { cause: error });
  }
}
