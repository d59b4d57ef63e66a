// Owns building programs from their published Go modules, with visible progress; first of all those of Kubernetes.
import { execFile, spawn } from 'node:child_process';
import { symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Log } from './lock.ts';

/** A Kubernetes that is built as one program, which starts as the part it is called by. */
export interface KubernetesSource {
  /** What the program says its version is: that of k8s.io/kubernetes in go.mod. */
  readonly version: string;
  /** The folder with go.mod, go.sum and main.go. */
  readonly folder: string;
  /** The names the program starts under. */
  readonly names: readonly string[];
  /** Build tags; default: none. */
  readonly tags?: readonly string[];
}

/** The one all tests run on: a control plane, a node, and kubectl. */
export const KUBERNETES: KubernetesSource = {
  version: 'v1.36.3',
  folder: join(import.meta.dirname, 'go'),
  names: ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet', 'kube-proxy', 'kubectl'],
};

export interface GoBuildOptions {
  /** The folder with go.mod. */
  readonly source: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly signal: AbortSignal;
}

const PROGRESS_EVERY_MS = 5000;
const BUILD_LIMIT_MS = 40 * 60_000;

/** Fills `dir` with one program under its names. Throws with Go's own words when Go is missing or fails. */
export async function buildKubernetes(dir: string, kubernetes: KubernetesSource, options: Omit<GoBuildOptions, 'source'>): Promise<void> {
  const { version, folder, names, tags = [] } = kubernetes;
  const variables = 'k8s.io/component-base/version';
  const [major, minor] = version.slice(1).split('.');
  const stamps = `-X ${variables}.gitVersion=${version} -X ${variables}.gitMajor=${major} -X ${variables}.gitMinor=${minor}`;
  options.log(`building Kubernetes ${version} with Go: some 5 to 10 minutes on two cores, once`);
  await goBuild({ packagePath: '.', output: join(dir, 'kubernetes'), linkerFlags: stamps, tags }, { ...options, source: folder });
  for (const name of names) await symlink('kubernetes', join(dir, name));
}

/** What is built, and into which file; its folder takes the temporary files. */
export interface GoProgram {
  readonly packagePath: string;
  readonly output: string;
  /** Default: none. */
  readonly linkerFlags?: string;
  /** Build tags; default: none. */
  readonly tags?: readonly string[];
  /** Whether C code is part of it, which needs a C compiler; default false. */
  readonly cgo?: boolean;
}

/** `go build`, without debugging information. Throws with Go's own words when Go is missing or fails. */
export function goBuild(
  { packagePath, output, linkerFlags = '', tags = [], cgo = false }: GoProgram,
  options: GoBuildOptions,
): Promise<void> {
  // -v names each module it downloads and each package it compiles.
  const args = ['build', '-v', '-trimpath', '-buildvcs=false', '-tags', tags.join(','), '-ldflags', `-s -w ${linkerFlags}`, '-o', output, packagePath];
  return runGo(args, { GOTMPDIR: dirname(output), CGO_ENABLED: cgo ? '1' : '0' }, options);
}

async function runGo(args: readonly string[], settings: Readonly<Record<string, string>>, options: GoBuildOptions): Promise<void> {
  const started = Date.now();
  let total: number | undefined;
  const counting = new AbortController();
  void countPackages(args, settings, { ...options, signal: counting.signal }).then((count) => (total = count));
  const recent: string[] = [];
  let packages = 0;
  const go = spawn('go', args, {
    cwd: options.source,
    env: { ...options.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  // The whole group: Go's compilers outlive it otherwise.
  const end = (): void => {
    if (go.pid !== undefined && go.exitCode === null) process.kill(-go.pid, 'SIGKILL');
  };
  const limit = setTimeout(end, BUILD_LIMIT_MS);
  options.signal.addEventListener('abort', end);
  process.on('exit', end);
  createInterface({ input: go.stderr }).on('line', (line) => {
    if (!line.startsWith('go: ')) packages += 1;
    recent.push(line);
    if (recent.length > 15) recent.shift();
  });
  const report = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    options.log(`building, ${seconds} s: ${progress(packages, total)}; ${recent.at(-1) ?? 'starting'}`, 'progress');
  }, PROGRESS_EVERY_MS);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      go.once('error', (error: NodeJS.ErrnoException) => {
        reject(error.code === 'ENOENT' ? new Error('Go is not installed (no program `go` on the PATH)') : error);
      });
      go.once('close', resolve);
    });
    if (code !== 0) throw new Error(`go build failed:\n${recent.join('\n')}`);
  } finally {
    counting.abort();
    clearInterval(report);
    clearTimeout(limit);
    options.signal.removeEventListener('abort', end);
    process.off('exit', end);
  }
}

/** How far a build is. What Go's own cache has is not compiled again, so the total is the most there can be; undefined while it is counted. Pure. */
export function progress(packages: number, total: number | undefined): string {
  return total === undefined ? `${packages} packages compiled` : `${packages} of at most ${Math.max(packages, total)} packages compiled`;
}

/** How many packages the arguments of a build name, with all they import; undefined where that is not known, or no longer asked. */
async function countPackages(
  args: readonly string[],
  settings: Readonly<Record<string, string>>,
  options: GoBuildOptions,
): Promise<number | undefined> {
  const list = ['list', '-deps', '-tags', args[args.indexOf('-tags') + 1] ?? '', args.at(-1) ?? ''];
  const env = { ...options.env, ...settings };
  const { signal, source: cwd } = options;
  const { stdout } = await promisify(execFile)('go', list, { cwd, env, signal, maxBuffer: 16 * 1024 * 1024 }).catch(() => ({ stdout: '' }));
  return stdout.split('\n').length - 1 || undefined;
}
