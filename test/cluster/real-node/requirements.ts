// Whether this machine can host a real node, and what it lacks.
import { execFile } from 'node:child_process';
import { readFile, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { missingPrograms } from '../program-cache.ts';

/** Programs the node needs of the host, each with the Debian package that has it. */
const HOST_PROGRAMS: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  nsenter: 'util-linux',
  mount: 'mount',
  ip: 'iproute2',
  nft: 'nftables',
  openssl: 'openssl',
};
/** CAP_SYS_ADMIN and CAP_NET_ADMIN, as bits of the effective set. */
const CAPABILITIES = { CAP_NET_ADMIN: 12n, CAP_SYS_ADMIN: 21n };
/** What is missing first of all. */
export const NOT_ROOT = 'it is not run by root';
const OVERLAYFS_MAGIC = 0x794c7630;

/**
 * Why a real node cannot run here with its data below `dir`; empty where it can. Each entry is a clause in plain words.
 * Asks the kernel only as root, because nobody else may try.
 */
export async function missingForRealNode(dir: string): Promise<string[]> {
  if (process.platform !== 'linux') return [`this is ${process.platform}, not Linux`];
  if (process.getuid?.() !== 0) return [NOT_ROOT];
  const missing: string[] = [];
  for (const [program, debianPackage] of Object.entries(HOST_PROGRAMS)) {
    if (!(await onPath(program))) missing.push(`there is no program ${program} (Debian: ${debianPackage})`);
  }
  missing.push(...(await missingCapabilities()));
  if (await isOverlay(dir)) missing.push(`${dir} lies on an overlay file system, on which containers' own cannot be mounted`);
  if (missing.length === 0 && !(await namespacesWork())) missing.push('the kernel does not let root make the namespaces, mounts and packet filters of a node');
  return missing;
}

/** The same for a node that runs our own images, which are packed here: their C libraries are Debian's, and their Node is for x64. */
export async function missingForExamples(dir: string): Promise<string[]> {
  const missing = await missingForRealNode(dir);
  if (process.arch !== 'x64') missing.push(`images are packed for x64 only, and this is ${process.arch}`);
  for (const program of ['apt-get', 'dpkg-deb']) {
    if (!(await onPath(program))) missing.push(`there is no program ${program}, by which images get their C libraries`);
  }
  return missing;
}

/** The first of the folders that containers can lie in; undefined when there is none. */
export async function ordinaryFolder(folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) if (!(await isOverlay(folder).catch(() => true))) return folder;
  return undefined;
}

async function isOverlay(folder: string): Promise<boolean> {
  return (await statfs(folder)).type === OVERLAYFS_MAGIC;
}

async function onPath(program: string): Promise<boolean> {
  for (const folder of HOST_ENVIRONMENT.PATH.split(':')) {
    if ((await missingPrograms(folder, [program])).length === 0) return true;
  }
  return false;
}

async function missingCapabilities(): Promise<string[]> {
  const effective = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1] ?? '0'}`);
  return Object.entries(CAPABILITIES).filter(([, bit]) => (effective & (1n << bit)) === 0n).map(([name]) => `root has no ${name}`);
}

/** Tries, in namespaces that end at once, what a node does first: a mount, an interface, a packet filter. */
async function namespacesWork(): Promise<boolean> {
  const script = 'mount -t tmpfs tmpfs /run && ip link set lo up && ip link add try0 type veth peer name try1 && nft add table ip try';
  const args = ['--mount', '--net', '--pid', '--ipc', '--uts', '--fork', '--mount-proc', 'sh', '-c', script];
  return promisify(execFile)('unshare', args, { env: HOST_ENVIRONMENT, timeout: 10_000 }).then(() => true, () => false);
}

/** The environment of every program of the node: nothing else is inherited. */
export const HOST_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' } as const;
