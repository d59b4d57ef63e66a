// Owns finding the control plane programs: given ones, cached ones, official downloads, or a build with Go, in this order.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadPrograms, OFFICIAL_RELEASE } from './download.ts';
import type { Release } from './download.ts';
import { buildPrograms } from './go-build.ts';
import { cacheFolder, fillFolder, missingPrograms, platform, unlessCached } from './program-cache.ts';

/** Paths of the four programs of a control plane. */
export interface Binaries {
  readonly dir: string;
  readonly etcd: string;
  readonly apiServer: string;
  readonly controllerManager: string;
  readonly kubectl: string;
}

export interface ObtainOptions {
  /**
   * KUBEBUILDER_ASSETS: a folder with the four programs. XDG_CACHE_HOME: where the cache lies (default ~/.cache).
   * ENVTEST_BASE_URL, KUBERNETES_RELEASE_BASE_URL: mirrors of the official download sites.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log?: (line: string) => void;
  readonly release?: Release;
  readonly signal?: AbortSignal;
}

const PROGRAMS = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kubectl'] as const;
const GO_SOURCE = join(import.meta.dirname, 'go');

/** Finds or makes the programs. Slow (minutes) the first time, then cached. Throws, naming what is missing, when no way works. */
export async function obtainBinaries(options: ObtainOptions): Promise<Binaries> {
  const { env, log = () => undefined, signal = new AbortController().signal } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets) {
    const missing = await missingPrograms(assets, PROGRAMS);
    if (missing.length === 0) return locate(assets);
    log(`KUBEBUILDER_ASSETS is not used: ${assets} lacks ${missing.join(', ')}`);
  }
  const release = mirrored(options.release ?? OFFICIAL_RELEASE, env);
  const dir = join(cacheFolder(env), await cacheKey(release));
  await unlessCached(dir, PROGRAMS, { log, signal, make: () => make(dir, { env, log, release, signal }) });
  return locate(dir);
}

async function make(dir: string, options: Required<ObtainOptions>): Promise<void> {
  const { env, log, release, signal } = options;
  const failures: string[] = [];
  const ways: [string, (temporary: string) => Promise<void>][] = [
    ['download', (temporary) => downloadPrograms(temporary, { release, platform: platform(), log, signal })],
    ['build', (temporary) => buildPrograms(temporary, { source: GO_SOURCE, env, log, signal })],
  ];
  for (const [way, fill] of ways) {
    try {
      await fillFolder(dir, PROGRAMS, fill);
      log(`control plane programs are ready in ${dir}`);
      return;
    } catch (error) {
      signal.throwIfAborted();
      failures.push(`- ${way}: ${(error as Error).message}`);
      log(`cannot ${way} the control plane programs: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `no control plane: this machine needs Go 1.26 or newer with access to its module proxy, or access to ${release.envtestBase} and ` +
      `${release.kubernetesBase}, or KUBEBUILDER_ASSETS naming a folder with ${PROGRAMS.join(', ')}\n${failures.join('\n')}`,
  );
}

function locate(dir: string): Binaries {
  return {
    dir,
    etcd: join(dir, 'etcd'),
    apiServer: join(dir, 'kube-apiserver'),
    controllerManager: join(dir, 'kube-controller-manager'),
    kubectl: join(dir, 'kubectl'),
  };
}

function mirrored(release: Release, env: ObtainOptions['env']): Release {
  return {
    ...release,
    envtestBase: env['ENVTEST_BASE_URL'] || release.envtestBase,
    kubernetesBase: env['KUBERNETES_RELEASE_BASE_URL'] || release.kubernetesBase,
  };
}

async function cacheKey(release: Release): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([release.version, release.envtestSha512]));
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(GO_SOURCE, file)));
  const minor = release.version.replace(/\.\d+$/, '');
  return `control-plane-${minor}-${platform()}-${hash.digest('hex').slice(0, 12)}`;
}
