// Where unix sockets lie: in a folder that none but its owner can enter, at paths short enough for the kernel.
import { chmod, lstat, mkdir, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of the longest path a unix socket can have. */
const LONGEST_PATH = 107;
/** Bytes kept free for a socket's name below the folder; the longest are those of pods (see process-node/network.ts). */
const LONGEST_NAME = 32;
/** Where a short folder can be made when the wanted one lies too deep; TMPDIR may be what is too long. */
const SHORT_FOLDERS = ['/tmp', '/var/tmp', '/dev/shm'];

/**
 * `<dir>/sockets`, or a fresh folder with a short path where sockets in that one would have too long paths; its user removes it.
 * Throws when neither can be had, or when somebody else owns what is there.
 */
export async function socketFolder(dir: string, elsewhere: readonly string[] = SHORT_FOLDERS): Promise<string> {
  const folder = join(dir, 'sockets');
  if (Buffer.byteLength(folder) + 1 + LONGEST_NAME > LONGEST_PATH) return shortFolder(dir, elsewhere);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) throw new Error(`${folder} is not a folder of one's own: use another than ${dir}`);
  // An earlier one may have been opened to others.
  await chmod(folder, 0o700);
  return folder;
}

async function shortFolder(dir: string, elsewhere: readonly string[]): Promise<string> {
  for (const parent of elsewhere) {
    const made = await mkdtemp(join(parent, 'mcp-')).catch(() => undefined);
    if (made !== undefined) return made;
  }
  throw new Error(`the path of a unix socket may have ${LONGEST_PATH} bytes, and no short folder can be made in ${elsewhere.join(', ')}: use a shorter folder than ${dir}`);
}
