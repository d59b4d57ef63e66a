// Reads image archives back, independently of what wrote them, and runs what is inside.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { extract, type Header } from 'tar-stream';

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: unknown;
  readonly annotations?: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Configuration {
  readonly architecture: string;
  readonly os: string;
  readonly created: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly rootfs: { readonly type: string; readonly diff_ids: readonly string[] };
  readonly history: readonly { readonly created: string; readonly created_by: string }[];
}

export interface Image {
  /** Every file of the archive by name. */
  readonly files: ReadonlyMap<string, Buffer>;
  readonly manifests: readonly Descriptor[];
  readonly manifest: Manifest;
  readonly configuration: Configuration;
  /** The tar archives of the layers, unpacked from gzip. */
  readonly layers: readonly Buffer[];
}

export async function readImage(file: string): Promise<Image> {
  const files = new Map(
    (await tarEntries(await readFile(file)))
      .filter(({ header }) => header.type === 'file')
      .map(({ header, content }) => [header.name, content]),
  );
  const blob = (digest: string): Buffer => files.get(`blobs/${digest.replace(':', '/')}`) ?? fail(`no blob ${digest}`);
  const { manifests } = JSON.parse((files.get('index.json') ?? fail('no index.json')).toString()) as { manifests: Descriptor[] };
  const manifest = JSON.parse(blob(manifests[0]?.digest ?? '').toString()) as Manifest;
  return {
    files,
    manifests,
    manifest,
    configuration: JSON.parse(blob(manifest.config.digest).toString()) as Configuration,
    layers: manifest.layers.map(({ digest }) => gunzipSync(blob(digest))),
  };
}

export async function tarEntries(tar: Buffer): Promise<{ header: Header; content: Buffer }[]> {
  const entries: { header: Header; content: Buffer }[] = [];
  const reader = extract();
  reader.end(tar);
  for await (const entry of reader) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of entry) chunks.push(chunk as Uint8Array);
    entries.push({ header: entry.header, content: Buffer.concat(chunks) });
  }
  return entries;
}

export function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Unpacks the layers one over the other; returns the folder. */
export function unpack({ layers }: Image): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  chmodSync(folder, 0o755);
  for (const layer of layers) {
    const { status, stderr } = spawnSync('tar', ['--extract', '--preserve-permissions', '--directory', folder], { input: layer });
    if (status !== 0) fail(`tar: ${stderr.toString()}`);
  }
  return folder;
}

/** What a pod mounts for its service account. */
export function mountServiceAccount(root: string): void {
  const folder = join(root, 'var/run/secrets/kubernetes.io/serviceaccount');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'token'), 'token');
  writeFileSync(join(folder, 'namespace'), 'default');
}

/** The command line that runs `command` inside `root` as the image's user where this process may, in a user namespace of its own otherwise. */
export function inside(root: string, command: readonly string[]): [string, string[]] {
  return process.getuid?.() === 0 ? ['chroot', ['--userspec=65532:65532', root, ...command]] : ['unshare', ['--map-root-user', 'chroot', root, ...command]];
}

/** Why nothing can be run inside a folder on this machine; undefined when it can. */
export function whyNotInside(root: string): string | undefined {
  const [program, args] = inside(root, ['/nodejs/bin/node', '--version']);
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  // What is wrong with the image is no reason to skip.
  return status === 0 || status === 127 ? undefined : `${program} is not possible here: ${error?.message ?? stderr.trim()}`;
}

function fail(message: string): never {
  throw new Error(message);
}
