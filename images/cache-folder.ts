// Owns where what was built or downloaded once is kept for later runs.
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The project's folder in the user's cache: below XDG_CACHE_HOME, by default ~/.cache. */
export function cacheFolder(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'mcp-server-operator');
}
