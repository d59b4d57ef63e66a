// Owns finding the control plane programs: given ones, cached ones, official downloads, or a build with Go, in this order.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { cacheFolder } from '../../images/cache-folder.ts';
import { downloadPrograms, OFFICIAL_RELEASE } from './download.ts';
import type { Release } from './download.ts';
import { buildKubernetes, KUBERNETES, type KubernetesSource } from './go-build.ts';
import { builtFolder, fillFolder, missingPrograms, platform, unlessCached } from './program-cache.ts';

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

/** Finds or makes the programs. Slow (minutes) the first time, then cached. Throws, naming what is missing, when no way works. */
export async function obtainBinaries(options: ObtainOptions): Promise<Binaries> {
  const { env, log = () => undefined, signal = new AbortController().signal } = options;
  const assets = env['KUBEBUILDER_ASSETS'];
  if (assets) {
    const missing = await missingPrograms(assets, PROGRAMS);
    if (missing.length === 0) return locate(assets);
    log(`KUBEBUILDER_ASSETS is not used: ${assets} lacks ${missing.join(', ')}`);
  }
  const built = await folderOf(KUBERNETES, env);
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
  const key = createHash('sha256').update(JSON.stringify([release.version, release.envtestSha512, release.managerSha256]));
  const dir = join(cacheFolder(env), `control-plane-${release.version}-${platform()}-${key.digest('hex').slice(0, 12)}`);
  const fill = (temporary: string): Promise<void> => downloadPrograms(temporary, { release, platform: platform(), log, signal });
  await fillCache(dir, PROGRAMS, { fill, log, signal });
  return dir;
}

/**
 * Folder with the programs of a Kubernetes, by default those of a control plane and of a node (kubelet, kube-proxy, kube-scheduler),
 * built with Go from their modules: some minutes the first time, then cached. Throws with Go's own words when Go is missing or fails.
 */
export async function obtainBuiltKubernetes(options: Omit<ObtainOptions, 'release'>, kubernetes = KUBERNETES): Promise<string> {
  const { env, log = () => undefined, signal = new AbortController().signal } = options;
  const dir = await folderOf(kubernetes, env);
  const fill = (temporary: string): Promise<void> => buildKubernetes(temporary, kubernetes, { env, log, signal });
  await fillCache(dir, kubernetes.names, { fill, log, signal });
  return dir;
}

function folderOf({ version, folder }: KubernetesSource, env: ObtainOptions['env']): Promise<string> {
  return builtFolder(`kubernetes-${version}`, { source: folder, files: ['go.mod', 'go.sum', 'main.go'], env });
}

interface Filling extends Omit<Surroundings, 'env'> {
  readonly fill: (temporary: string) => Promise<void>;
}

async function fillCache(dir: string, programs: readonly string[], { fill, log, signal }: Filling): Promise<void> {
  const make = async (): Promise<void> => {
    await fillFolder(dir, programs, fill);
    log(`control plane programs are ready in ${dir}`);
  };
  await unlessCached(dir, programs, { log, signal, make });
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
