// Where `npm start` keeps what runs: a folder that is the same at each start, its user's alone, and emptied before; another for a second start at a time.
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, link, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';

const NAME = 'mcp-server-operator';
/** Starts at a time that get a folder. */
const MOST = 9;
const TOKEN = /^[\w-]{43}$/;

/** A folder that is this start's alone until `release`. */
export interface StateFolder {
  readonly dir: string;
  /** 1, or 2 and so on while other starts run. */
  readonly turn: number;
  /** What clients show to servers that hold credentials; the same at each start, so that their configuration stays valid. */
  readonly token: string;
  /** What is otherwise than usual, in sentences. */
  readonly remarks: readonly string[];
  /** Removes the folder and lets the next start have it. */
  release(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The user's folder for such things, by the XDG base directory specification; undefined where there is none. Pure. */
export function stateHome({ XDG_STATE_HOME: wanted = '', HOME: home = '' }: Environment): string | undefined {
  if (isAbsolute(wanted)) return wanted;
  return isAbsolute(home) ? join(home, '.local/state') : undefined;
}

/**
 * Takes `demo` below $XDG_STATE_HOME/mcp-server-operator, empty; `demo-2` and so on while others run. Takes a folder in `temporary`,
 * and says so, where the user has no folder that can be written. Throws when there is something that is not the user's own.
 */
export async function takeStateFolder(env: Environment, temporary = tmpdir()): Promise<StateFolder> {
  const root = await rootFolder(env);
  if ('problem' in root) {
    const dir = await mkdtemp(join(temporary, `${NAME}-`));
    const remarks = [`${root.problem}: this start uses ${dir}, and the next one another folder, token and ports`];
    return { dir, turn: 1, token: newToken(), remarks, release: () => rm(dir, { recursive: true, force: true }) };
  }
  for (let turn = 1; turn <= MOST; turn += 1) {
    const dir = join(root.folder, turn === 1 ? 'demo' : `demo-${turn}`);
    const lock = await lockOf(dir);
    if (lock === undefined) continue;
    try {
      await emptied(dir);
      const token = await keptToken(join(root.folder, 'token'));
      const remarks = turn === 1 ? [] : [`another npm start runs: this one uses ${dir}, and other ports`];
      return { dir, turn, token, remarks, release: () => rm(dir, { recursive: true, force: true }).finally(() => lock.close()) };
    } catch (error) {
      lock.close();
      throw error;
    }
  }
  throw new Error(`${MOST} starts of npm start run already, or somebody holds their folders below ${root.folder}: end one.`);
}

async function rootFolder(env: Environment): Promise<{ folder: string } | { problem: string }> {
  const home = stateHome(env);
  if (home === undefined) return { problem: 'neither XDG_STATE_HOME nor HOME names a folder' };
  const folder = join(home, NAME);
  try {
    // A home that is not there is not meant to be.
    if (!isAbsolute(env['XDG_STATE_HOME'] ?? '')) await lstat(env['HOME'] ?? '');
    await makeFolders(folder);
  } catch (error) {
    return { problem: `${folder} cannot be made (${(error as NodeJS.ErrnoException).code})` };
  }
  await mustBeOwn(folder);
  // An earlier one may have been opened to others.
  await chmod(folder, 0o700);
  return { folder };
}

/** What stands at its place stays, whatever it is. Not Node's own way: that never ends below /proc. */
async function makeFolders(folder: string): Promise<void> {
  const make = (): Promise<void> => mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error;
    await makeFolders(dirname(folder));
    await make();
  }
}

async function mustBeOwn(folder: string): Promise<void> {
  const found = await lstat(folder);
  const what = strangenessOf(found, process.getuid?.());
  if (what !== undefined) throw new Error(`${folder} is ${what}: remove it, or set XDG_STATE_HOME to a folder of yours.`);
}

/** What it is instead of a folder of the user with this id. */
function strangenessOf(found: Stats, uid: number | undefined): string | undefined {
  if (found.isSymbolicLink()) return 'a link';
  if (!found.isDirectory()) return 'no folder';
  return found.uid === uid ? undefined : `a folder of user ${found.uid}, not of ${uid}`;
}

async function emptied(dir: string): Promise<void> {
  try {
    if ((await lstat(dir).catch(() => undefined)) !== undefined) await mustBeOwn(dir);
    await rm(dir, { recursive: true, force: true });
    await mkdir(dir, { mode: 0o700 });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : new Error(`${dir} cannot be emptied (${message}): remove it, or set XDG_STATE_HOME to another folder.`);
  }
}

/** An abstract socket, which ends with its process however that ends; undefined while another process has it. */
function lockOf(dir: string): Promise<Server | undefined> {
  const name = `\0${NAME} ${createHash('sha256').update(dir).digest('hex').slice(0, 32)}`;
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(name, () => resolve(server.unref()));
  });
}

function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** The token in a file that is the user's alone; a new one where there is none, or where others could have read or written it. */
async function keptToken(file: string): Promise<string> {
  const token = newToken();
  const own = `${file}.${randomUUID()}`;
  for (let tries = 0; tries < MOST; tries += 1) {
    const found = await lstat(file).catch(() => undefined);
    const isSafe = found?.isFile() && found.uid === process.getuid?.() && (found.mode & 0o077) === 0 && found.size < 100;
    const kept = isSafe ? await readFile(file, 'utf8') : '';
    if (TOKEN.test(kept)) return kept;
    if (found !== undefined) await rm(file, { recursive: true, force: true });
    await writeFile(own, token, { flag: 'wx', mode: 0o600 });
    // Appears together with its text; where another start was faster, that one's is read.
    await link(own, file).catch(() => undefined);
    await rm(own, { force: true });
  }
  // Where a file cannot be kept so, the next start has another one.
  return token;
}
