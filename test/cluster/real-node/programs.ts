// Owns finding the programs of a real node: those of the system where it has fitting ones, else built from their Go modules.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { goBuild, KUBERNETES as BUILT, type GoBuildOptions } from '../go-build.ts';
import { obtainBuiltKubernetes, type ObtainOptions } from '../binaries.ts';
import { builtFolder, fillFolder, missingPrograms, unlessCached } from '../program-cache.ts';
import { HOST_ENVIRONMENT } from './requirements.ts';

/** Folders with the programs of a node. */
export interface NodePrograms {
  /** kubelet, kube-proxy, kube-scheduler. */
  readonly kubernetes: string;
  /** containerd, its shim, ctr, runc. */
  readonly containerd: string;
  /** CNI plugins: ptp, loopback, host-local. */
  readonly cni: string;
  /** The statically linked program of the container that holds a pod's namespaces. */
  readonly pause: string;
}

const KUBERNETES = ['kubelet', 'kube-proxy', 'kube-scheduler'];
const CONTAINERD = ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc'];
const CNI = ['ptp', 'loopback', 'host-local'];
const SOURCE = join(import.meta.dirname, 'go');
/** Where distributions put them. */
const SYSTEM_FOLDERS = ['/usr/local/bin', '/usr/bin', '/usr/sbin'];
const SYSTEM_CNI = ['/opt/cni/bin', '/usr/lib/cni', '/usr/libexec/cni'];
/** Older ones cannot read the configuration file's version 3. */
const OLDEST_CONTAINERD = 2;

/** Finds or builds the programs: minutes the first time, then cached. Throws, with Go's own words, when neither works. */
export async function obtainNodePrograms(options: ObtainOptions): Promise<NodePrograms> {
  const log = options.log ?? (() => undefined);
  const built = await obtainBuilt({ ...options, log });
  const kubernetes = await systemKubernetes();
  const containerd = await systemContainerd();
  const cni = await firstComplete(SYSTEM_CNI, CNI);
  for (const [name, folder] of Object.entries({ kubelet: kubernetes, containerd, 'CNI plugins': cni })) {
    if (folder !== undefined) log(`the real node uses the ${name} of the system, in ${folder}`);
  }
  return {
    kubernetes: kubernetes ?? (await obtainBuiltKubernetes(options)),
    containerd: containerd ?? built,
    cni: cni ?? built,
    pause: join(built, 'pause'),
  };
}

async function systemKubernetes(): Promise<string | undefined> {
  const folder = await firstComplete(SYSTEM_FOLDERS, KUBERNETES);
  const minor = BUILT.version.replace(/\.\d+$/, '');
  return folder !== undefined && (await versionOf(join(folder, 'kubelet'))).includes(`${minor}.`) ? folder : undefined;
}

async function systemContainerd(): Promise<string | undefined> {
  const folder = await firstComplete(SYSTEM_FOLDERS, CONTAINERD);
  if (folder === undefined) return undefined;
  const major = / v?(\d+)\./.exec(await versionOf(join(folder, 'containerd')))?.[1];
  return Number(major) >= OLDEST_CONTAINERD ? folder : undefined;
}

async function versionOf(program: string): Promise<string> {
  return (await promisify(execFile)(program, ['--version'], { env: HOST_ENVIRONMENT, timeout: 10_000 }).catch(() => ({ stdout: '' }))).stdout;
}

async function firstComplete(folders: readonly string[], programs: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) if ((await missingPrograms(folder, programs)).length === 0) return folder;
  return undefined;
}

async function obtainBuilt(options: ObtainOptions & { log: (line: string) => void }): Promise<string> {
  const { env, log, signal = new AbortController().signal } = options;
  const programs = [...CONTAINERD, ...CNI, 'pause'];
  const dir = await builtFolder('node', { source: SOURCE, files: ['go.mod', 'go.sum', 'pause/main.go'], env });
  const make = async (): Promise<void> => {
    log('building containerd, runc and CNI plugins with Go: one to two minutes on two cores, once');
    await fillFolder(dir, programs, (temporary) => build(temporary, { source: SOURCE, env, log, signal }));
  };
  await unlessCached(dir, programs, { log, signal, make });
  return dir;
}

async function build(dir: string, options: GoBuildOptions): Promise<void> {
  const containerd = 'github.com/containerd/containerd/v2';
  const plugins = 'github.com/containernetworking/plugins/plugins';
  const pure: Readonly<Record<string, string>> = {
    containerd: `${containerd}/cmd/containerd`,
    'containerd-shim-runc-v2': `${containerd}/cmd/containerd-shim-runc-v2`,
    ctr: `${containerd}/cmd/ctr`,
    ptp: `${plugins}/main/ptp`,
    loopback: `${plugins}/main/loopback`,
    'host-local': `${plugins}/ipam/host-local`,
    pause: './pause',
  };
  for (const [name, packagePath] of Object.entries(pure)) {
    await goBuild({ packagePath, output: join(dir, name), tags: ['no_btrfs', 'no_zfs', 'no_devmapper'] }, options);
  }
  // Its system call filters are written in C: it needs a C compiler and libseccomp.
  await goBuild({ packagePath: 'github.com/opencontainers/runc', output: join(dir, 'runc'), tags: ['seccomp'], cgo: true }, options);
}
