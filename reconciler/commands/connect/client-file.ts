// One entry in the file of an MCP client, for as long as a command runs: put in whole or not at all, with a copy of what was there.
import { randomBytes } from 'node:crypto';
import { chmod, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { reasonOf, UserError } from '../user-error.ts';
import { JsonError, memberOf, withMember, withoutMember, type Address } from './jsonc.ts';

/** Files of clients are small; what is larger is none. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What is put where. */
export interface Placing extends Address {
  readonly file: string;
  /** Name of the client, for messages. */
  readonly label: string;
  readonly value: unknown;
}

/** An entry that was put in. */
export interface Placed {
  /** Where the copy is; undefined where there was no file. */
  readonly copy: string | undefined;
  /** Takes the entry out again; false where somebody changed it meanwhile, and it stays. Throws UserError. */
  readonly takeOut: () => Promise<boolean>;
}

/** Puts the entry in. Throws UserError where the file cannot be read, is no JSON, or has another entry of that name. */
export async function placeEntry(placing: Placing): Promise<Placed> {
  const { label, section, name, value } = placing;
  const file = await targetOf(placing);
  const before = await readText(file, label);
  const after = edited(file, () => withMember(before ?? '', { section, name }, value));
  const isThere = after === undefined;
  if (isThere && !isDeepStrictEqual(edited(file, () => memberOf(before ?? '', { section, name })), value)) {
    throw new UserError(`${file} has another entry ${name} already: give this one a name of its own with --entry`);
  }
  // One left by a run that was killed is taken out at the end as well, and the copy of that run is kept.
  const copy = before === undefined || isThere ? undefined : `${file}.before-mcp-operator`;
  if (copy !== undefined) await replace(copy, before ?? '', file);
  if (after !== undefined) await replace(file, after, file);
  const takeOut = async (): Promise<boolean> => {
    const now = await readText(file, label);
    if (now === undefined) return true;
    if (now === after && before === undefined) return rm(file).then(() => true);
    if (now === after) return replace(file, before ?? '', file).then(() => true);
    const found = edited(file, () => memberOf(now, { section, name }));
    if (found === undefined) return true;
    if (!isDeepStrictEqual(found, value)) return false;
    await replace(file, edited(file, () => withoutMember(now, { section, name })), file);
    return true;
  };
  return { copy, takeOut };
}

/** A link is followed, so that it stays one. */
async function targetOf({ file, label }: Placing): Promise<string> {
  try {
    return await realpath(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new UserError(`cannot use ${file}: ${reasonOf(error)}`, { cause: error });
  }
  const isFolder = await stat(dirname(file)).then((found) => found.isDirectory(), () => false);
  if (!isFolder) throw new UserError(`there is no folder ${dirname(file)}, where ${label} keeps its servers: start it once, or name its file with --client-file`);
  return file;
}

/** Undefined where there is no file. */
async function readText(file: string, label: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    if (size > MOST_BYTES) throw new UserError(`${file} is larger than 16 MiB: this is no file of ${label}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new UserError(`cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

function edited<T>(file: string, edit: () => T): T {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new UserError(`${file} is no JSON that can be edited, ${error.message}: mend it, or add the entry by hand`, { cause: error });
  }
}

/** Whoever reads finds the old text or the new one. It may be read by whom `like` may be, by nobody else where that is not there. */
async function replace(file: string, text: string, like: string): Promise<void> {
  const temporary = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    const { mode } = await stat(like).catch(() => ({ mode: 0o600 }));
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    // oxlint-disable-next-line no-bitwise -- the permissions are the last bits
    await chmod(temporary, mode & 0o777);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UserError(`cannot write ${file}: ${reasonOf(error)}`, { cause: error });
  }
}
