// An image archive that somebody brings: which images are in it, and for which processors, before anything is started with it.
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { imageName } from '../../../../images/image-name.ts';
import { reasonOf, UserError } from '../../../../reconciler/commands/user-error.ts';

/** An archive that was looked into. */
export interface Archive {
  readonly file: string;
  /** Of the images in it, written out. */
  readonly names: readonly string[];
  /** For instance amd64. */
  readonly architectures: readonly string[];
}

/** Lists, manifests and configurations have some kilobytes; layers are only walked over. */
const MAX_DOCUMENT = 1024 * 1024;
const MAX_DOCUMENTS = 4096;
const GZIP = 0x1f_8b;
const HOW = 'make one with npm run images, docker save NAME -o FILE or podman save NAME -o FILE';

interface Descriptor {
  readonly digest?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Looks into an archive of either form, OCI or `docker save`, gzipped or not. Throws UserError. */
export async function archiveIn(file: string): Promise<Archive> {
  const documents = await documentsIn(file);
  const found = documents.has('index.json') ? ofLayout(documents) : ofDocker(documents);
  if (found === undefined) throw new UserError(`${file} is a tar file, but holds no image: ${HOW}`);
  const names = [...new Set(found.names.flatMap(written))];
  if (names.length === 0) throw new UserError(`${file} holds an image without a name, by which no MCPServer could name it: save it by its name, as docker save NAME -o FILE does`);
  return { file, names, architectures: [...new Set(found.architectures)] };
}

/** Throws UserError for an archive whose images are for other processors than the machine's. */
export function mustRunOn({ file, architectures }: Archive, here: string): void {
  if (architectures.length === 0 || architectures.includes(here)) return;
  throw new UserError(`${file} is for ${architectures.join(' and ')}, and this machine runs ${here}: build it for linux/${here}, for instance with docker build --platform linux/${here}`);
}

/** A name as it is looked for; none where it is only a tag, as some tools write. */
function written(name: string): string[] {
  if (!/[/:]/.test(name)) return [];
  try {
    return [imageName(name).full];
  } catch {
    return [];
  }
}

type Documents = ReadonlyMap<string, Buffer>;
type Found = { readonly names: readonly string[]; readonly architectures: readonly string[] };

function ofLayout(documents: Documents): Found {
  const { manifests = [] } = json<{ manifests?: readonly Descriptor[] }>(documents, 'index.json');
  const names = manifests.flatMap(({ annotations = {} }) => [annotations['io.containerd.image.name'], annotations['org.opencontainers.image.ref.name']].filter((name) => name !== undefined));
  // Docker writes its own list beside, which has the names in any case.
  const others = documents.has('manifest.json') ? (ofDocker(documents)?.names ?? []) : [];
  return { names: [...names, ...others], architectures: manifests.flatMap(({ digest = '' }) => architecturesOf(documents, digest, 3)) };
}

/** Of an image, or of a list of images. What is for no processor is a statement about another one. */
function architecturesOf(documents: Documents, digest: string, depth: number): string[] {
  const { manifests, config } = json<{ manifests?: readonly Descriptor[]; config?: Descriptor }>(documents, `blobs/${digest.replace(':', '/')}`);
  if (depth > 0 && manifests !== undefined) return manifests.flatMap((each) => architecturesOf(documents, each.digest ?? '', depth - 1));
  const { architecture } = json<{ architecture?: string }>(documents, `blobs/${config?.digest?.replace(':', '/')}`);
  return architecture === undefined || architecture === '' || architecture === 'unknown' ? [] : [architecture];
}

function ofDocker(documents: Documents): Found | undefined {
  if (!documents.has('manifest.json')) return undefined;
  const images = json<readonly { Config?: string; RepoTags?: readonly string[] | null }[]>(documents, 'manifest.json');
  if (!Array.isArray(images)) return undefined;
  const architectures = images.flatMap(({ Config = '' }) => json<{ architecture?: string }>(documents, Config).architecture ?? []);
  return { names: images.flatMap(({ RepoTags }) => RepoTags ?? []), architectures };
}

/** What a document says; nothing where there is none, or none that can be read. */
function json<T extends object>(documents: Documents, name: string): Partial<T> & T {
  try {
    return (JSON.parse(documents.get(name)?.toString() ?? '{}') ?? {}) as Partial<T> & T;
  } catch {
    return {} as Partial<T> & T;
  }
}

/** The small files of an archive by name. */
async function documentsIn(file: string): Promise<Documents> {
  const documents = new Map<string, Buffer>();
  const tar = extract();
  tar.on('entry', ({ name, type, size }, stream, next) => {
    const isDocument = type === 'file' && size <= MAX_DOCUMENT && documents.size < MAX_DOCUMENTS && /^(?:\.\/)?(?:blobs\/|[^/]+\.json$|[0-9a-f]{64})/.test(name);
    const chunks: Uint8Array[] = [];
    stream.on('data', (chunk) => isDocument && chunks.push(chunk as Uint8Array));
    stream.once('end', () => {
      if (isDocument) documents.set(name.replace(/^\.\//, ''), Buffer.concat(chunks));
      next();
    });
  });
  const isCompressed = await startsGzipped(file);
  try {
    const source = createReadStream(file);
    await (isCompressed ? pipeline(source, createGunzip(), tar) : pipeline(source, tar));
  } catch (error) {
    throw new UserError(`${file} is not an image archive (${(error as Error).message}): ${HOW}`, { cause: error });
  }
  return documents;
}

async function startsGzipped(file: string): Promise<boolean> {
  try {
    const handle = await open(file);
    try {
      if (!(await handle.stat()).isFile()) throw new Error('it is not a file');
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0);
      return bytesRead === 2 && buffer.readUInt16BE(0) === GZIP;
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${reasonOf(error)}; --image takes an image archive: ${HOW}`, { cause: error });
  }
}
