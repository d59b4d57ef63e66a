// Which sources are built: the commit of the working copy, and whether it is all.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { digestOf } from './layer.ts';
import type { Source } from './provenance.ts';

/** Bounds a git that waits for something. */
const GIT_LIMIT_MS = 10_000;

/** The sources that lie in a folder. Without git, or outside a repository of its own, no commit is named. */
export async function sourceIn(folder: string): Promise<Source> {
  const lockSha256 = digestOf(await readFile(join(folder, 'package-lock.json'))).replace('sha256:', '');
  try {
    // Of a repository further up a commit would say nothing about these files.
    if ((await git(folder, 'rev-parse', '--show-prefix')) !== '') return { commit: undefined, modified: false, lockSha256 };
    const commit = await git(folder, 'rev-parse', '--verify', 'HEAD');
    return { commit, modified: (await git(folder, 'status', '--porcelain')) !== '', lockSha256 };
  } catch {
    return { commit: undefined, modified: false, lockSha256 };
  }
}

async function git(folder: string, ...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: folder, timeout: GIT_LIMIT_MS, maxBuffer: 16 * 1024 * 1024 });
  return stdout.trim();
}
