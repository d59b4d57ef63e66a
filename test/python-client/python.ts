// Python's MCP client, pinned to the byte, in an environment of its own in the user's cache.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { builtFolder, fillFolder, unlessCached } from '../cluster/program-cache.ts';

const HERE = import.meta.dirname;
const REQUIREMENTS = 'requirements.txt';
const INSTALL_LIMIT_MS = 5 * 60_000;
/** Longer than all servers take together. */
const JUDGE_LIMIT_MS = 5 * 60_000;
const PYTHON = 'bin/python';

const run = promisify(execFile);

/** What the client found of servers, by their name. */
export type Findings = Readonly<Record<string, string>>;

/** Path of the Python that has the client. Installs it first, where no run before has: takes some ten seconds, and a package index. */
export async function pythonWithClient(): Promise<string> {
  const folder = await builtFolder('python-client', { source: HERE, files: [REQUIREMENTS], env: process.env });
  const wait = { log: () => {}, signal: AbortSignal.timeout(INSTALL_LIMIT_MS) };
  await unlessCached(folder, [PYTHON], { ...wait, make: () => fillFolder(folder, [PYTHON], install) });
  return join(folder, PYTHON);
}

async function install(folder: string): Promise<void> {
  const limit = { timeout: INSTALL_LIMIT_MS };
  await run('python3', ['-m', 'venv', folder], limit).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new Error('the client needs Python 3.11 or newer: install python3') : error;
  });
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--require-hashes', '--only-binary', ':all:'];
  await run(join(folder, PYTHON), [...pip, '--requirement', join(HERE, REQUIREMENTS)], limit);
}

/** Where a server is, and a tool of it that is to be called. */
export interface Call {
  readonly url: string;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Judges servers, given by name and URL, or with a call. */
export async function judgeWithPython(python: string, urls: Readonly<Record<string, string | Call>>): Promise<Findings> {
  const judging = run(python, [join(HERE, 'client.py')], { timeout: JUDGE_LIMIT_MS, maxBuffer: 2 ** 24 });
  judging.child.stdin?.end(JSON.stringify(urls));
  return JSON.parse((await judging).stdout) as Findings;
}
