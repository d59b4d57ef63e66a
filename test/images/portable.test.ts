// The image of the stdio bridge is one that others take in: copied to a folder, or mounted as a volume, it runs where there is nothing else.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BRIDGE_VERSION } from '../../charts/bridge-version.ts';
import { PROGRAMS } from '../../images/programs.ts';
import { inside, readImage, tarEntries, unpack, whyNotInside, type Image } from '../support/image-archive.ts';
import { startProgram } from '../support/programs.ts';

const MAIN = join(import.meta.dirname, '../../images/main.ts');
const LINKS = join(import.meta.dirname, '../../images/portable/main.ts');
const MINUTES = 60_000;
/** chroot and unshare lie there; nothing of this machine's Node settings comes in. */
const ENV = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' };
const PORTABLE = ['/stdio-bridge/lib/ld.so', '--library-path', '/stdio-bridge/lib', '/stdio-bridge/node'];
const BRIDGE = [...PORTABLE, '/stdio-bridge/stdio-bridge.mjs'];
/** What a pod mounts over the image of somebody else. */
const FILES = ['lib/ld.so', 'lib/libc.so.6', 'lib/libdl.so.2', 'lib/libgcc_s.so.1', 'lib/libm.so.6', 'lib/libpthread.so.0', 'lib/libstdc++.so.6', 'node', 'stdio-bridge-command-line.mjs', 'stdio-bridge.mjs'];
/** A stdio server of three lines. */
const SERVER = `for await (const line of (await import('node:readline')).createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line);
  const result = method === 'initialize' ? { protocolVersion: params.protocolVersion, capabilities: {}, serverInfo: { name: 'alone', version: '1' } } : {};
  if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result }));
}`;

let folder: string;
let image: Image;
/** The image, unpacked. */
let root: string;
/** Why this machine cannot make the image, or run what is in it; undefined when it can. */
let missing: string | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'portable-'));
  chmodSync(folder, 0o755);
  const { status, stderr } = spawnSync(process.execPath, [MAIN, '--output', folder, '--any-base-versions', '--target', 'stdio-bridge'], { encoding: 'utf8' });
  missing = /^error: (?:apt|dpkg|node-linux).*/m.exec(stderr)?.[0];
  if (status !== 0 && missing === undefined) throw new Error(stderr);
  if (missing !== undefined) return;
  image = await readImage(join(folder, 'stdio-bridge.tar'));
  root = unpack(image);
  missing = whyNotInside(root);
}, 5 * MINUTES);
afterAll(() => {
  for (const path of [folder, root]) if (path !== undefined) rmSync(path, { recursive: true, force: true });
});

type Result = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Starts a command in a mount namespace of its own. */
const OWN_MOUNTS = ['unshare', ...(process.getuid?.() === 0 ? [] : ['--map-root-user']), '--mount'];

/** Runs the bridge of the image in itself, as an init container does; `mounting` is a shell command that mounts something for it. */
function install(to: string, mounting?: string): Result {
  const entrypoint = PROGRAMS.find(({ name }) => name === 'stdio-bridge')?.config.Entrypoint ?? [];
  const [program, args] = inside(root, [...entrypoint, 'install', to]);
  const shell = ['sh', '-e', '-c', `umask 0077; ${mounting ?? 'true'}; exec "$@"`, 'sh', program, ...args];
  const [first = '', ...others] = mounting === undefined ? shell : [...OWN_MOUNTS, ...shell];
  return spawnSync(first, others, { encoding: 'utf8', env: ENV });
}

/** A folder in the image that its user may write to, as an emptyDir is one. */
function emptyFolder(name: string): string {
  mkdirSync(join(root, name));
  chmodSync(join(root, name), 0o777);
  return `/${name}`;
}

function filesIn(path: string): string[] {
  const entries = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => !entry.isDirectory());
  return entries.map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1)).toSorted();
}

function sha256(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Runs the bridge in a root that holds nothing but it and a server, as a user of its own; resolves to what a client is answered. */
async function served(emptyRoot: string): Promise<unknown> {
  writeFileSync(join(emptyRoot, 'server.mjs'), SERVER, { mode: 0o644 });
  const flags = ['--port', '0', '--health-port', '0', '--drain', '0'];
  const [program, args] = inside(emptyRoot, [...BRIDGE, ...flags, '--', ...PORTABLE, '/server.mjs']);
  const bridge = startProgram(program, args.map((arg) => (arg === '--userspec=65532:65532' ? '--userspec=1234:1234' : arg)), { env: ENV });
  try {
    const [, port] = await bridge.said(/"port":(\d+)/);
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } };
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    return await (await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', headers, body })).json();
  } finally {
    expect(await bridge.end()).toBe(0);
  }
}

const ANSWER = { id: 1, result: { serverInfo: { name: 'alone' } } };

describe('the image of the stdio bridge', () => {
  it('has everything at paths that do not tell the architecture, by links that stay inside', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const entries = (await tarEntries(image.layers[1] ?? Buffer.of())).map(({ header }) => header);
    const links = new Map(entries.filter(({ type }) => type === 'symlink').map(({ name, linkname }) => [name, linkname ?? '/']));
    expect([...links.keys()]).toEqual(FILES.filter((file) => file !== 'stdio-bridge-command-line.mjs'));
    for (const [name, to] of links) expect(to, name).toMatch(/^(?!\/|\.\.)/);
    // As the Dockerfile makes them, from the files of its base.
    const made = join(folder, 'links');
    expect(spawnSync(process.execPath, [LINKS, root, made]).status).toBe(0);
    expect(new Map(filesIn(made).map((file) => [file, readlinkSync(join(made, file))]))).toEqual(links);
  });

  it('runs below any folder of an image that has nothing, as image volumes are mounted', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const empty = join(folder, 'mounted');
    mkdirSync(empty);
    renameSync(root, join(empty, 'stdio-bridge'));
    try {
      expect(await served(empty)).toMatchObject(ANSWER);
    } finally {
      renameSync(join(empty, 'stdio-bridge'), root);
    }
  });
});

describe('install', () => {
  it('copies what is needed and no more, for every user, and it runs where there is nothing else', async ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const empty = join(folder, 'copied');
    mkdirSync(empty);
    const to = emptyFolder('copy');
    expect(install(to)).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining(`"version":"${BRIDGE_VERSION}"`) });
    const copy = join(root, to);
    expect(filesIn(copy)).toEqual(FILES);
    const mode = (file: string): number => lstatSync(join(copy, file)).mode;
    const programs = new Set(['node', 'lib/ld.so']);
    for (const file of FILES) expect([file, (mode(file) & 0o7777).toString(8)]).toEqual([file, programs.has(file) ? '755' : '644']);
    expect(mode('lib') & 0o7777).toBe(0o755);
    renameSync(copy, join(empty, 'stdio-bridge'));
    expect(await served(empty)).toMatchObject(ANSWER);
  });

  it('leaves out what no system loads: a tenth of all bytes', ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const to = emptyFolder('small');
    expect(install(to)).toMatchObject({ status: 0 });
    const bytes = filesIn(join(root, to)).reduce((sum, file) => sum + statSync(join(root, to, file)).size, 0);
    const whole = FILES.reduce((sum, file) => sum + (existsSync(join(root, file)) ? statSync(join(root, file)).size : 0), 0);
    expect(bytes).toBeLessThan(whole * 0.9);
  });

  it('gives the same again where it was cut off, or was complete', ({ skip }) => {
    if (missing !== undefined) skip(missing);
    const to = emptyFolder('again');
    const copy = join(root, to);
    expect(install(to)).toMatchObject({ status: 0 });
    const first = FILES.map((file) => sha256(join(copy, file)));
    // Longer than what belongs there.
    const cutOff = join(copy, '.node.part');
    writeFileSync(cutOff, Buffer.alloc(150 * 1024 * 1024, 1));
    if (process.getuid?.() === 0) chownSync(cutOff, 65_532, 65_532);
    rmSync(join(copy, 'stdio-bridge.mjs'));
    expect(install(to)).toMatchObject({ status: 0 });
    expect(filesIn(copy)).toEqual(FILES);
    expect(FILES.map((file) => sha256(join(copy, file)))).toEqual(first);
  });

  it.for([
    ['is not there', '/nowhere', undefined, 'there is no such folder'],
    ['is no folder', '/etc/passwd', undefined, 'it is no folder'],
    ['is mounted read-only', '/mounted', 'mount -t tmpfs -o ro none "$MOUNTED"', 'it is mounted read-only'],
    ['may not be written', '/mounted', 'mount -t tmpfs -o mode=0555 none "$MOUNTED"', 'it may not be written by this user'],
    ['is too small', '/mounted', 'mount -t tmpfs -o size=8m,mode=1777 none "$MOUNTED"', 'the disk is full'],
  ] as const)('says in one sentence that the folder %s', ([what, to, mounting, reason], { skip }) => {
    if (missing !== undefined) skip(missing);
    mkdirSync(join(root, 'mounted'), { recursive: true });
    const { status, stdout, stderr } = install(to, mounting?.replace('$MOUNTED', join(root, 'mounted')));
    expect([what, status, stdout, stderr]).toEqual([what, 1, '', `error: the bridge cannot be copied to ${to}: ${reason}\n`]);
  });
});
