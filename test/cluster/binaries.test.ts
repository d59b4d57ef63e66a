// The ways to obtain the control plane programs, with a download site of our own on loopback.
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { obtainBinaries } from './binaries.ts';
import { OFFICIAL_RELEASE } from './download.ts';
import type { Release } from './download.ts';

const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`;
const manager = `${OFFICIAL_RELEASE.version}/bin/${platform.replace('-', '/')}/kube-controller-manager`;
const archive = `envtest-${OFFICIAL_RELEASE.version}/envtest-${OFFICIAL_RELEASE.version}-${platform}.tar.gz`;

let dir: string;
let site: Server;
let files: Record<string, Buffer | string>;
let release: Release;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'binaries-'));
  site = createServer((request, response) => {
    const file = files[request.url?.slice(1) ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  await new Promise<void>((done) => site.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  const packed = await packEnvtest();
  files = { [archive]: packed, [manager]: 'a manager' };
  const checksums = { envtestSha512: { [platform]: sha512(packed) }, managerSha256: { [platform]: sha256('a manager') } };
  release = { ...OFFICIAL_RELEASE, envtestBase: base, kubernetesBase: base, ...checksums };
});

afterEach(async () => {
  await new Promise((done) => site.close(done));
  await rm(dir, { recursive: true });
});

function sha512(content: Buffer | string): string {
  return createHash('sha512').update(content).digest('hex');
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

async function packEnvtest(): Promise<Buffer> {
  const folder = join(dir, 'site', 'controller-tools', 'envtest');
  await mkdir(folder, { recursive: true });
  await writePrograms(folder, ['etcd', 'kube-apiserver', 'kubectl']);
  await promisify(execFile)('tar', ['-czf', join(dir, 'envtest.tar.gz'), '-C', join(dir, 'site'), 'controller-tools']);
  return readFile(join(dir, 'envtest.tar.gz'));
}

async function writePrograms(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await writeFile(join(folder, name), `program ${name}`);
    await chmod(join(folder, name), 0o755);
  }
}

/** No PATH: Go cannot be found, so a download that fails is the end. */
function obtain(env: Record<string, string> = {}, log: (line: string) => void = () => undefined): ReturnType<typeof obtainBinaries> {
  return obtainBinaries({ env: { XDG_CACHE_HOME: join(dir, 'cache'), PATH: '', ...env }, release, log });
}

test('the official programs are downloaded, checked, and taken from the cache the next time', async () => {
  const first = await obtain();
  expect(await readFile(first.apiServer, 'utf8')).toBe('program kube-apiserver');
  expect(await readFile(first.controllerManager, 'utf8')).toBe('a manager');
  files = {};
  expect(await obtain()).toEqual(first);
});

test('an archive with another checksum is refused and nothing of it is kept', async () => {
  release = { ...release, envtestSha512: { [platform]: sha512('something else') } };
  await expect(obtain()).rejects.toThrow(/envtest-.*: refused, its SHA-512 is/);
  expect(await readdir(join(dir, 'cache', 'mcp-server-operator'))).toEqual([]);
});

test('a controller manager with another checksum than the one that stands here is refused, whatever is published beside it', async () => {
  files[manager] = 'tampered with';
  files[`${manager}.sha256`] = sha256('tampered with');
  files[`${manager}.sha512`] = sha512('tampered with');
  await expect(obtain()).rejects.toThrow(/kube-controller-manager: refused, its SHA-256 is/);
  expect(await readdir(join(dir, 'cache', 'mcp-server-operator'))).toEqual([]);
});

test('without a checksum of the controller manager nothing is asked for', async () => {
  const asked: (string | undefined)[] = [];
  site.on('request', ({ url }) => asked.push(url));
  release = { ...release, managerSha256: {} };
  await expect(obtain()).rejects.toThrow(`no checksum of kube-controller-manager ${release.version} is known for ${platform}, so it is not downloaded`);
  expect(asked).toEqual([]);
});

test('without download and without Go the error names every way there is', async () => {
  files = {};
  await expect(obtain()).rejects.toThrow(/Go 1\.26 or newer[^]*KUBEBUILDER_ASSETS[^]*answered 404[^]*Go is not installed/);
});

test('KUBEBUILDER_ASSETS comes first, when it holds all four programs', async () => {
  const assets = join(dir, 'assets');
  await mkdir(assets);
  await writePrograms(assets, ['etcd', 'kube-apiserver', 'kubectl']);
  const lines: string[] = [];
  const fallback = await obtain({ KUBEBUILDER_ASSETS: assets }, (line) => lines.push(line));
  expect(fallback.dir).not.toBe(assets);
  expect(lines[0]).toContain('lacks kube-controller-manager');
  await writePrograms(assets, ['kube-controller-manager']);
  expect((await obtain({ KUBEBUILDER_ASSETS: assets })).dir).toBe(assets);
});

test('two at once download once, and the lock of a dead process is taken over', async () => {
  const { dir: final } = await obtain();
  await rm(final, { recursive: true });
  const dead = execFile('true');
  await new Promise((done) => dead.once('exit', done));
  await writeFile(`${final}.lock`, String(dead.pid));
  const lines: string[] = [];
  const both = await Promise.all([obtain({}, (line) => lines.push(line)), obtain({}, (line) => lines.push(line))]);
  expect(both[0]).toEqual(both[1]);
  expect(lines.filter((line) => line.includes('are ready'))).toHaveLength(1);
  expect((await readdir(join(dir, 'cache', 'mcp-server-operator'))).filter((name) => name.includes('lock'))).toEqual([]);
});
