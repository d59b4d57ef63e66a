// Packs layers and a configuration into an OCI archive, which container runtimes import: no container tool is needed.
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pack } from 'tar-stream';
import { ARCHITECTURES, type Architecture } from './architecture.ts';
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

/** An image for several architectures. */
export interface MultiImage {
  /** All names, as of an image for one. */
  readonly names: readonly string[];
  readonly config: ImageConfig;
  /** The layers of each, the lowest first. One alone makes an image for that, without a list above it. */
  readonly layers: Readonly<Partial<Record<Architecture, readonly Layer[]>>>;
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

const CREATED = '1970-01-01T00:00:00Z';
const TYPE = 'application/vnd.oci.image';

/** Writes an image for linux/amd64. The same options give the same bytes. The file appears complete or not at all. */
export async function packImage({ file, ...image }: ImageOptions): Promise<PackedImage> {
  const { names, digest } = described(image);
  await packImages(file, [image]);
  return { file, names, digest };
}

/** Writes an image for several architectures. Its digest is that of the list of them. Otherwise as `packImage`. */
export async function packMultiImage(file: string, { names, config, layers }: MultiImage): Promise<PackedImage> {
  const variants = ARCHITECTURES.flatMap((each) => {
    const { [each]: own } = layers;
    return own === undefined ? [] : [described({ names, config, layers: own }, each)];
  });
  const [first, ...others] = variants;
  if (first === undefined) throw new Error('an image needs an architecture');
  const whole = others.length === 0 ? first : listed(variants);
  await writeArchive(file, indexOf([whole]), new Map(whole.blobs));
  return { file, names: whole.names, digest: whole.digest };
}

/** Writes several images into one archive, in which layers they share are once. Otherwise as `packImage`. */
export async function packImages(file: string, images: readonly Image[]): Promise<void> {
  const all = images.map((image) => described(image));
  await writeArchive(file, indexOf(all), new Map(all.flatMap(({ blobs }) => blobs)));
}

function indexOf(all: readonly Described[]): Buffer {
  return jsonBlob({ schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests: all.flatMap(({ entries }) => entries) });
}

/** A descriptor under a name. */
interface Named {
  readonly annotations: Readonly<Record<string, string>>;
}

interface Described {
  /** The names, written out. */
  readonly names: readonly string[];
  /** Of the manifest. */
  readonly digest: string;
  /** What the archive's index says of the image, once per name. */
  readonly entries: readonly Named[];
  /** All it consists of, by digest. */
  readonly blobs: readonly (readonly [string, Uint8Array])[];
}

/** The list of an image's architectures, as one image. */
function listed(variants: readonly Described[]): Described {
  const manifests = variants.flatMap(({ entries: [entry] }) => (entry === undefined ? [] : [{ ...entry, annotations: undefined }]));
  const list = jsonBlob({ schemaVersion: 2, mediaType: `${TYPE}.index.v1+json`, manifests });
  const annotations = variants[0]?.entries.map((entry) => entry.annotations) ?? [];
  return {
    names: variants[0]?.names ?? [],
    digest: digestOf(list),
    entries: annotations.map((each) => ({ ...descriptor('index.v1+json', list), annotations: each })),
    blobs: [...variants.flatMap(({ blobs }) => blobs), [digestOf(list), list]],
  };
}

function described({ names, layers, config }: Image, architecture: Architecture = 'amd64'): Described {
  const platform = { architecture, os: 'linux' };
  const fullNames = names.map(imageName);
  const configuration = jsonBlob({
    created: CREATED,
    ...platform,
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
    platform,
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
