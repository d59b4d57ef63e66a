// A world of its own for a node: mount, PID, network, IPC and UTS namespaces, held by one process that ends all of it when it ends.
import { shellWord } from '../../../images/shell-word.ts';
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { KERNEL_SETTINGS, NODE_ADDRESS } from './configuration.ts';
import { HOST_ENVIRONMENT } from './requirements.ts';

// Process 1 must reap what others leave behind, and end when the process that made the node ends, however that ends:
// its standard input is a pipe that closes then.
const INIT = 'exec 3<&0; cat <&3 >/dev/null & wait $!';
/** Folders programs write to by habit; the node's are its own. */
const PRIVATE = ['/run', '/var/lib', '/var/log'];

/** Namespaces that exist until `end`. */
export interface Namespaces {
  /** A command line that runs within them. */
  enter(command: readonly string[]): string[];
  /** Runs a command within them; throws with what it wrote when it fails. */
  run(command: readonly string[]): Promise<string>;
  /** Shows a starting kubelet the kernel settings it insists on, without changing those of the host. */
  coverKernelSettings(): Promise<void>;
  /** Lets the kernel's own be seen again: while ours cover them no pod can have a user namespace. */
  uncoverKernelSettings(): Promise<void>;
  /** Ends every process in them at once, containers too. */
  end(): Promise<void>;
}

/** Makes the namespaces and what is mounted in them; state that survives a reboot goes below `dir`, which must lie outside /run, /var/lib and /var/log. */
export async function makeNamespaces(dir: string, hostname: string): Promise<Namespaces> {
  const hidden = PRIVATE.find((folder) => `${dir}/`.startsWith(`${folder}/`));
  if (hidden !== undefined) throw new Error(`a real node hides ${hidden} from itself: use a folder elsewhere than ${dir}`);
  const kinds = ['--mount', '--pid', '--net', '--ipc', '--uts'];
  const holder = spawn('unshare', [...kinds, '--fork', '--kill-child', '--mount-proc', 'sh', '-c', INIT], {
    stdio: ['pipe', 'ignore', 'inherit'], env: HOST_ENVIRONMENT, detached: true,
  });
  const ended = new Promise<void>((resolve) => holder.once('exit', () => resolve()));
  const init = await initOf(holder);
  const enter = (command: readonly string[]): string[] => ['nsenter', '-t', String(init), '-m', '-p', '-n', '-i', '-u', '--', ...command];
  const run = async (command: readonly string[]): Promise<string> => {
    const [program = '', ...args] = enter(command);
    return (await promisify(execFile)(program, args, { env: HOST_ENVIRONMENT, timeout: 120_000, maxBuffer: 2 ** 26 })).stdout;
  };
  const end = async (): Promise<void> => {
    // The kernel ends every process of a PID namespace with its first.
    holder.stdin?.destroy();
    await ended;
  };
  try {
    await run(['sh', '-ec', setUp(dir, hostname)]);
  } catch (error) {
    await end();
    throw error;
  }
  const settings = Object.entries(KERNEL_SETTINGS);
  const cover = settings.map(([name, value], i) => `echo ${value} > /run/setting-${i}; mount --bind /run/setting-${i} /proc/sys/${name}`);
  return {
    enter, run, end,
    coverKernelSettings: async () => void (await run(['sh', '-ec', cover.join('\n')])),
    uncoverKernelSettings: async () => void (await run(['umount', ...settings.map(([name]) => `/proc/sys/${name}`)])),
  };
}

/** Pid, as the host sees it, of the first process in the new namespaces. */
async function initOf(holder: ChildProcess): Promise<number> {
  const failed = new Promise<never>((_, reject) => {
    holder.once('error', reject).once('exit', (code) => reject(new Error(`unshare ended with ${code} before there were namespaces`)));
  });
  failed.catch(() => undefined);
  await Promise.race([failed, new Promise((resolve) => holder.once('spawn', resolve))]);
  for (;;) {
    const children = (await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8').catch(() => '')).trim();
    // Its child becomes the shell when /proc is mounted, and so everything before it is done.
    if (children !== '' && (await readFile(`/proc/${children}/comm`, 'utf8').catch(() => '')).trim() === 'sh') return Number(children);
    await Promise.race([failed, sleep(10)]);
  }
}

function setUp(dir: string, hostname: string): string {
  const kept = ['containerd', 'kubelet', 'cni'].map((name) => `mkdir -p ${shellWord(join(dir, 'lib', name))} /var/lib/${name}; mount --bind ${shellWord(join(dir, 'lib', name))} /var/lib/${name}`);
  return [
    `hostname ${shellWord(hostname)}`,
    ...PRIVATE.map((folder) => `mount -t tmpfs -o mode=755 tmpfs ${folder}`),
    ...kept,
    'mkdir -p /var/log/pods /var/log/containers',
    'mount --make-rshared /',
    'ip link set lo up',
    `ip addr add ${NODE_ADDRESS}/32 dev lo`,
    // The host's resolver cannot be reached from here: a registry that is looked up shall be unknown at once, not after a time-out.
    `[ ! -e /etc/resolv.conf ] || { echo nameserver ${NODE_ADDRESS} > /run/resolv.conf; mount --bind /run/resolv.conf /etc/resolv.conf; }`,
    'ip route add default dev lo',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
  ].join('\n');
}
