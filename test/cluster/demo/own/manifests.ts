// The manifests that somebody brings, in files and folders: read and checked before anything is started with them.
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { KIND } from '../../../../charts/api/group.ts';
import { InvalidMCPServerError } from '../../../../charts/api/mcpserver.ts';
import { parseDocuments } from '../../../../charts/documents.ts';
import { renderDocuments } from '../../../../reconciler/commands/render/render.ts';
import { reasonOf, UserError } from '../../../../reconciler/commands/user-error.ts';

/** What is to be applied. */
export interface OwnManifests {
  /** Texts of YAML by file. */
  readonly texts: ReadonlyMap<string, string>;
  /** The images that MCPServers name, each with the file that does. */
  readonly images: readonly { readonly image: string; readonly file: string }[];
}

const MANIFEST = /\.(?:ya?ml|json)$/;
const MAX_FILES = 200;
const MAX_BYTES = 1024 * 1024;
/** There in every cluster. */
const NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

interface Item {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown };
  readonly spec?: { readonly image?: unknown };
  readonly items?: unknown;
}

/** Reads files, and folders without those in them. Namespaces that are named and not there are made. Throws UserError for the first mistake. */
export async function ownManifests(paths: readonly string[]): Promise<OwnManifests> {
  const texts = new Map<string, string>();
  for (const path of paths) for (const file of await filesAt(path)) texts.set(file, await readManifest(file));
  const items = [...texts].flatMap(([file, text]) => itemsIn(file, text));
  const servers = items.filter(({ item }) => item.kind === KIND);
  if (servers.length === 0) throw new UserError(`${paths.join(', ')} holds no ${KIND}: docs/mcpserver.md shows one`);
  const made = items.filter(({ item }) => item.kind === 'Namespace').map(({ item }) => item.metadata?.name);
  const named = new Set(items.flatMap(({ item }) => (typeof item.metadata?.namespace === 'string' ? [item.metadata.namespace] : [])));
  const missing = [...named].filter((name) => !made.includes(name) && !NAMESPACES.includes(name));
  const namespaces = missing.map((name) => stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
  const images = servers.flatMap(({ item, file }) => (typeof item.spec?.image === 'string' ? [{ image: item.spec.image, file }] : []));
  // Namespaces before what is in them.
  return { texts: new Map([...(namespaces.length > 0 ? [['namespaces', namespaces.join('---\n')] as const] : []), ...texts]), images };
}

async function filesAt(path: string): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path];
    const files = (await readdir(path)).filter((name) => MANIFEST.test(name)).toSorted().map((name) => join(path, name));
    if (files.length === 0) throw new UserError(`${path} holds no file that ends in .yaml, .yml or .json: --apply takes files, or a folder of them`);
    if (files.length > MAX_FILES) throw new UserError(`${path} holds ${files.length} manifests, and ${MAX_FILES} are taken: name the files`);
    return files;
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${path} cannot be read: ${reasonOf(error)}; --apply takes files of YAML, or a folder of them`, { cause: error });
  }
}

async function readManifest(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_BYTES) throw new UserError(`${file} has ${size} bytes, and a manifest at most ${MAX_BYTES}`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
}

/** The objects of a text, those of lists too, each known to be one; MCPServers by their own rules. */
function itemsIn(file: string, text: string): { item: Item; file: string }[] {
  try {
    const documents = parseDocuments(text, file).filter(({ value }) => value !== null);
    if (documents.length === 0) throw new UserError(`${file} is empty: --apply takes manifests`);
    const items = documents.flatMap(({ value, where }) => flat(value, where));
    // It finds all that is wrong with an MCPServer, and says so in the words of the operator.
    if (items.some(({ kind }) => kind === KIND)) renderDocuments(text, file);
    return items.map((item) => ({ item, file }));
  } catch (error) {
    if (error instanceof UserError || !(error instanceof Error)) throw error;
    const [first = ''] = error.message.split('\n').filter((line) => line.trim() !== '');
    const words = error instanceof InvalidMCPServerError ? error.message.trim().split(/\n\s*/).join(' ') : first;
    throw new UserError(words.startsWith(file) ? words : `${file}: ${words}`, { cause: error });
  }
}

function flat(value: unknown, where: string): Item[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new UserError(`${where} is no Kubernetes object: it needs apiVersion, kind and metadata`);
  const item = value as Item;
  if (item.kind === 'List' && Array.isArray(item.items)) return item.items.flatMap((each, index) => flat(each, `${where}, item ${index + 1}`));
  for (const field of ['apiVersion', 'kind'] as const) if (typeof item[field] !== 'string') throw new UserError(`${where} has no ${field}: it is no Kubernetes object`);
  if (typeof item.metadata?.name !== 'string') throw new UserError(`${where}: the ${String(item.kind)} has no metadata.name`);
  return [item];
}
