// Owns finding the control plane programs: given ones, cached ones, official downloads, or a build with Go, in this order.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { downloadPrograms, OFFICIAL_RELEASE } from './download.ts';
import type { Release } from './download.ts';
import { BUILT_VERSION, buildPrograms } from './go-build.ts';
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

type Surroundings = Required<Pick<ObtainOptions, 'env' | 'log' | 'signal'>>;

/** What every way to obtain them must give; a build gives those of a node besides. */
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
  const built = await builtFolder(env);
  if ((await missingPrograms(built, PROGRAMS)).length === 0) return locate(built);
  const release = mirrored(options.release ?? OFFICIAL_RELEASE, env);
  const ways: Readonly<Record<string, () => Promise<string>>> = {
    download: () => obtainDownload(release, { env, log, signal }),
    build: () => obtainBuiltKubernetes({ env, log, signal }),
  };
  const failures: string[] = [];
  for (const [way, obtain] of Object.entries(ways)) {
    try {
      return locate(await obtain());
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

async function obtainDownload(release: Release, { env, log, signal }: Surroundings): Promise<string> {
  const key = createHash('sha256').update(JSON.stringify([release.version, release.envtestSha512]));
  const dir = join(cacheFolder(env), `control-plane-${release.version}-${platform()}-${key.digest('hex').slice(0, 12)}`);
  const fill = (temporary: string): Promise<void> => downloadPrograms(temporary, { release, platform: platform(), log, signal });
  return fillCache(dir, fill, { log, signal });
}

/**
 * Folder with the programs of a control plane and of a node (kubelet, kube-proxy, kube-scheduler), built with Go from their modules:
 * some minutes the first time, then cached. Throws with Go's own words when Go is missing or fails.
 */
export async function obtainBuiltKubernetes({ env, log = () => undefined, signal = new AbortController().signal }: ObtainOptions): Promise<string> {
  const fill = (temporary: string): Promise<void> => buildPrograms(temporary, { source: GO_SOURCE, env, log, signal });
  return fillCache(await builtFolder(env), fill, { log, signal });
}

async function builtFolder(env: ObtainOptions['env']): Promise<string> {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'main.go']) hash.update(await readFile(join(GO_SOURCE, file)));
  return join(cacheFolder(env), `kubernetes-${BUILT_VERSION}-${platform()}-${hash.digest('hex').slice(0, 12)}`);
}

async function fillCache(dir: string, fill: (temporary: string) => Promise<void>, { log, signal }: Omit<Surroundings, 'env'>): Promise<string> {
  const make = async (): Promise<void> => {
    await fillFolder(dir, PROGRAMS, fill);
    log(`control plane programs are ready in ${dir}`);
  };
  await unlessCached(dir, PROGRAMS, { log, signal, make });
  return dir;
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
