// Processes that a server left behind, also those that left its process group: they are known by a variable in their environment.
import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';

const NAME = 'MCP_STDIO_BRIDGE_PROCESS';
/** One may start another while it is looked for. */
const MOST_ROUNDS = 5;

/** A variable for the environment of one server, by which whatever it starts can be found. */
export function newMark(): { readonly name: string; readonly value: string } {
  return { name: NAME, value: randomBytes(12).toString('hex') };
}

/** Kills all that have the variable, as far as the system tells. What took it out of its environment is not found. */
export async function killStragglers({ name, value }: ReturnType<typeof newMark>): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const found = await processesWith(`${name}=${value}`);
    if (found.length === 0) return;
    for (const pid of found) signalTo(pid, 'SIGKILL');
  }
}

/** Processes with such a variable in their environment, as far as the system tells. Zombies have no environment any more. */
export async function processesWith(variable: string): Promise<number[]> {
  const entries = await readdir('/proc').catch(() => []);
  const found: number[] = [];
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    const environment = await readFile(`/proc/${entry}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(variable)) found.push(Number(entry));
  }
  return found;
}

/** Sends a signal to a process, or with a negative id to a group of them; one that has ended needs none. */
export function signalTo(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Nobody is left.
  }
}
