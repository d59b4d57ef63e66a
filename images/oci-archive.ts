// Packs layers and a configuration into an OCI archive, which container runtimes import: no container tool is needed.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { imageName } from './image-name.ts';
import { digestOf, type Layer } from './layer.ts';

/** What an image says of how it is run, with the field names of the OCI image specification. */
export interface ImageConfig {
  readonly User?: string;
  /** NAME=value. */
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
  readonly Labels?: Readonly<Record<string, string>>;
  /** Keys are for instance 3001/tcp. */
  readonly ExposedPorts?: Readonly<Record<string, object>>;
}

/** What an image consists of. */
export interface Image {
  /** All names of the image, each with or without registry and tag (default docker.io and latest). */
  readonly names: readonly string[];
  /** The lowest first. */
  readonly layers: readonly Layer[];
  readonly config: ImageConfig;
}

/** An image, and where it is written to. */
export interface ImageOptions extends Image {
  /** File to write; folders above it are made. */
  readonly file: string;
}

/** An archive that was written. */
export interface PackedImage {
  readonly file: string;
  /** The names, written out. */
  readonly names: readonly string[];
  /** Digest of the image's manifest. */
  readonly digest: string;
}

const PLATFORM = { architecture: 'amd64', os: 'linux' };
const CREATED = '1970-01-01T00:00:00Z';
const TYPE = 'application/vnd.oci.image';

/** Writes an image for linux/amd64. The same options give the same bytes. The file appears complete or not at all. */
export async function packImage({ file, ...image }: ImageOptions): Promise<PackedImage> {
  const { names, digest } = described(image);
  await packImages(file, [image]);
  return { file, names, digest };
}

/** Writes several images into one archive, in which layers they share are once. Otherwise as `packImage`. */
export async function packImages(file: string, images: readonly Image[]): Promise<void> {
  const all = images.map(described);
  const index = jsonBlob({ schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests: all.flatMap(({ entries }) => entries) });
  await writeArchive(file, index, new Map(all.flatMap(({ blobs }) => blobs)));
}

interface Described {
  /** The names, written out. */
  readonly names: readonly string[];
  /** Of the manifest. */
  readonly digest: string;
  /** What the archive's index says of the image, once per name. */
  readonly entries: readonly object[];
  /** All it consists of, by digest. */
  readonly blobs: readonly (readonly [string, Uint8Array])[];
}

function described({ names, layers, config }: Image): Described {
  const fullNames = names.map(imageName);
  const configuration = jsonBlob({
    created: CREATED,
    ...PLATFORM,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    history: layers.map(({ createdBy }) => ({ created: CREATED, created_by: createdBy })),
  });
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${TYPE}.manifest.v1+json`,
    config: descriptor('config.v1+json', configuration),
    layers: layers.map(({ blob, digest }) => ({ mediaType: `${TYPE}.layer.v1.tar+gzip`, digest, size: blob.length })),
  });
  const digest = digestOf(manifest);
  const entries = fullNames.map(({ full, tag }) => ({
    ...descriptor('manifest.v1+json', manifest),
    platform: PLATFORM,
    annotations: { 'io.containerd.image.name': full, 'org.opencontainers.image.ref.name': tag },
  }));
  const blobs = [
    ...layers.map(({ digest, blob }) => [digest, blob] as const),
    [digestOf(configuration), configuration] as const,
    [digest, manifest] as const,
  ];
  return { names: fullNames.map(({ full }) => full), digest, entries, blobs };
}

async function writeArchive(file: string, index: Buffer, blobs: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const archive = pack();
  const add = (name: string, content: Uint8Array): unknown => archive.entry({ name, mtime: new Date(0), mode: 0o644 }, content);
  for (const name of ['blobs/', 'blobs/sha256/']) archive.entry({ name, type: 'directory', mtime: new Date(0), mode: 0o755 });
  for (const [digest, blob] of [...blobs].toSorted(([a], [b]) => (a < b ? -1 : 1))) add(`blobs/${digest.replace(':', '/')}`, blob);
  add('index.json', index);
  add('oci-layout', jsonBlob({ imageLayoutVersion: '1.0.0' }));
  archive.finalize();
  const temporary = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await pipeline(archive, createWriteStream(temporary));
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true });
  }
}

function descriptor(type: string, blob: Buffer): { mediaType: string; digest: string; size: number } {
  return { mediaType: `${TYPE}.${type}`, digest: digestOf(blob), size: blob.length };
}

function jsonBlob(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
