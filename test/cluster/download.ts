// Owns fetching the official control plane programs: envtest's archive and the controller manager, each by a checksum that stands here.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import type { Log } from './lock.ts';

/** What is downloaded. Changing it changes the cache key. */
export interface Release {
  readonly version: string;
  /** Where envtest archives lie: `<base>/envtest-<version>/envtest-<version>-<platform>.tar.gz`. */
  readonly envtestBase: string;
  /** Where Kubernetes releases lie: `<base>/<version>/bin/<os>/<arch>/kube-controller-manager`. */
  readonly kubernetesBase: string;
  /** SHA-512 (hex) of the envtest archive per platform. */
  readonly envtestSha512: Readonly<Record<string, string>>;
  /** SHA-256 (hex) of kube-controller-manager per platform. */
  readonly managerSha256: Readonly<Record<string, string>>;
}

/**
 * The newest envtest release of Kubernetes 1.36, with the checksums its publisher lists. Of kube-controller-manager a list lies only beside
 * the file, and says nothing against whoever changes both: its checksum was taken over from others who had pinned it. Where none could be
 * had, nothing is downloaded.
 */
export const OFFICIAL_RELEASE: Release = {
  version: 'v1.36.2',
  envtestBase: 'https://github.com/kubernetes-sigs/controller-tools/releases/download',
  kubernetesBase: 'https://dl.k8s.io/release',
  envtestSha512: {
    'linux-amd64':
      'ea743186c8a799f5cf8faf16969f86189d003cb7d130e0ac4b58789f1e5748dcf30ebe91c837a10d5ac415383da3e10b9e64d65785c938c23e739781cfb76f08',
    'linux-arm64':
      '2d72ee985a8e262a3c57dc9f7f0fd891f6a8c7bf7ebaa2db6dc6d8eac8ae28181afe51c1f368b67756cdb40b10de9b205609e1726e5f27f7c6d824dd9c6649ac',
    'darwin-arm64':
      '9278f9e5af556b2f1f2d139769c1f0d717c7b4426917fdebdba898bcb725a916e4910d6160886194ff9be9589ea7c5c32c2b8ae0754703874b7c8ba8ddfc41ce',
    'darwin-amd64':
      'b4fe9f973cd1992e3880f8b230ed32c0c243b83371591e3e3315f4404df2cdbef8ee94eeb9bb245b7e5feb987d5c4a76c43e0877654ab73f00d7bbc2b9984514',
  },
  managerSha256: { 'linux-amd64': '6332e45474baf6362f50394d8f7c6002274db04d68fe51dbe2229ef5c0b21e3c' },
};

export interface DownloadOptions {
  readonly release: Release;
  /** `<os>-<arch>` in Go's words, for instance `linux-amd64`. */
  readonly platform: string;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** How long the first byte of an answer may take. */
  readonly answerTimeoutMs?: number;
}

/** Neither programs of hundreds of megabytes on a slow line nor a stalled one may take longer. */
const TRANSFER_LIMIT_MS = 15 * 60_000;
const PROGRESS_EVERY_MS = 3000;

/** Fills `dir` with etcd, kube-apiserver, kubectl and kube-controller-manager. Throws when one is missing or has the wrong checksum. */
export async function downloadPrograms(dir: string, options: DownloadOptions): Promise<void> {
  const { release, platform } = options;
  const { version } = release;
  const sha512 = release.envtestSha512[platform];
  const sha256 = release.managerSha256[platform];
  if (sha512 === undefined) throw new Error(`no official download for ${platform}`);
  if (sha256 === undefined) throw new Error(`no checksum of kube-controller-manager ${version} is known for ${platform}, so it is not downloaded`);
  const archive = join(dir, 'envtest.tar.gz');
  const name = `envtest-${version}-${platform}.tar.gz`;
  const program = join(dir, 'kube-controller-manager');
  const manager = `${release.kubernetesBase}/${version}/bin/${platform.replace('-', '/')}/kube-controller-manager`;
  await fetchFile({ url: manager, file: program, algorithm: 'sha256', hash: sha256 }, options);
  await chmod(program, 0o755);
  await fetchFile({ url: `${release.envtestBase}/envtest-${version}/${name}`, file: archive, algorithm: 'sha512', hash: sha512 }, options);
  await unpack(archive, dir);
}

/** A file, and what must come out when it is hashed. */
interface Pinned {
  readonly url: string;
  readonly file: string;
  readonly algorithm: 'sha256' | 'sha512';
  /** In hexadecimal. */
  readonly hash: string;
}

async function ask(url: string, options: DownloadOptions): Promise<Response> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(new Error('no answer in time')), options.answerTimeoutMs ?? 8000);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([options.signal, abort.signal, AbortSignal.timeout(TRANSFER_LIMIT_MS)]) });
    if (!response.ok) throw new Error(`answered ${response.status}`);
    return response;
  } catch (error) {
    const { message, cause } = error as Error;
    throw new Error(`${url}: ${cause instanceof Error ? cause.message : message}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function fetchFile(item: Pinned, options: DownloadOptions): Promise<void> {
  const response = await ask(item.url, options);
  if (response.body === null) throw new Error(`${item.url}: answered without a body`);
  options.log(`downloading ${item.url}`);
  const hash = createHash(item.algorithm);
  const size = Number(response.headers.get('content-length') ?? 0);
  const meter = measure(hash, (bytes) => options.log(`downloaded ${mebibytes(bytes)}${size ? ` of ${mebibytes(size)}` : ''}`, 'progress'));
  await pipeline(Readable.fromWeb(response.body), meter, createWriteStream(item.file));
  const found = hash.digest('hex');
  if (found !== item.hash) {
    await rm(item.file, { force: true });
    throw new Error(`${item.url}: refused, its ${item.algorithm.replace('sha', 'SHA-')} is ${found} and not ${item.hash}`);
  }
}

function measure(hash: ReturnType<typeof createHash>, report: (bytes: number) => void): Transform {
  let bytes = 0;
  let last = Date.now();
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      if (Date.now() - last >= PROGRESS_EVERY_MS) report(bytes);
      if (Date.now() - last >= PROGRESS_EVERY_MS) last = Date.now();
      done(null, chunk);
    },
  });
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MiB`;
}

/** The archive holds `controller-tools/envtest/<program>`. */
async function unpack(archive: string, dir: string): Promise<void> {
  const unpacked = join(dir, 'unpacked');
  await mkdir(unpacked);
  await promisify(execFile)('tar', ['-xzf', archive, '-C', unpacked]);
  for (const program of ['etcd', 'kube-apiserver', 'kubectl']) {
    await rename(join(unpacked, 'controller-tools', 'envtest', program), join(dir, program));
  }
  await rm(unpacked, { recursive: true });
  await rm(archive);
}
