// The judgement of programs that are not ours: the kstatus library, and the shipped health check in Argo CD's Lua.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll } from 'vitest';

/** The health check for Argo CD. */
export const HEALTH_LUA = join(import.meta.dirname, '../../examples/argo-cd/health.lua');
const SOURCE = join(import.meta.dirname, 'judges');
/** The first build on a machine downloads and compiles some 40 packages. */
const BUILD_LIMIT_MS = 10 * 60_000;

/** What they say of one object. */
export interface Judgement {
  readonly kstatus: string;
  readonly argo: string;
  /** What Argo CD shows beside its health. */
  readonly message: string;
}

/** Judges objects as the API server returns them, in their order. */
export type Judges = (objects: readonly unknown[]) => Promise<Judgement[]>;

/** Builds the judges for the calling file, with Go. */
export function useJudges(): Judges {
  const built: { dir?: string } = {};
  beforeAll(async () => {
    built.dir = await mkdtemp(join(tmpdir(), 'judges-'));
    const building = promisify(execFile)('go', ['build', '-trimpath', '-buildvcs=false', '-o', join(built.dir, 'judges'), '.'], {
      cwd: SOURCE, env: { ...process.env, CGO_ENABLED: '0' }, timeout: BUILD_LIMIT_MS,
    });
    await building.catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ENOENT' ? new Error('the truth table is judged by programs that are built with Go 1.26 or newer: install it') : error;
    });
  }, BUILD_LIMIT_MS);
  afterAll(() => rm(built.dir ?? '', { recursive: true, force: true }));
  return async (objects) => {
    const asked = promisify(execFile)(join(built.dir ?? '', 'judges'), { timeout: 30_000, maxBuffer: 2 ** 26 });
    asked.child.stdin?.end(JSON.stringify({ lua: await readFile(HEALTH_LUA, 'utf8'), objects }));
    return JSON.parse((await asked).stdout) as Judgement[];
  };
}
