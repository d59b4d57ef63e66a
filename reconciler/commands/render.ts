// `mcp-operator render`: prints what the operator would apply for a file of manifests, without a cluster.
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import { isMCPServer, resolveSpec } from '../../charts/api/mcpserver.ts';
import { InvalidDocumentError, parseDocuments, type Document } from '../../charts/documents.ts';
import { render, type Manifest } from '../../charts/render.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { reasonOf, UserError } from './user-error.ts';

interface Resource {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: { readonly name?: unknown };
  readonly items?: unknown;
}

/** The text of a YAML file, or of standard input for `-`, and what messages call it. Throws UserError. */
export async function readInput(filename: string): Promise<{ text: string; name: string }> {
  const name = filename === '-' ? 'standard input' : filename;
  try {
    return { text: filename === '-' ? await text(process.stdin) : await readFile(filename, 'utf8'), name };
  } catch (error) {
    throw new UserError(`cannot read ${name}: ${reasonOf(error)}; give a YAML file with MCPServers`, { cause: error });
  }
}

/**
 * The rendered objects of every MCPServer in a file of YAML documents, as YAML. Other objects are left out; a `List`, as
 * kubectl prints it, is looked into.
 * @throws InvalidMCPServerError for an MCPServer that breaks a rule; UserError for whatever else cannot be rendered, naming the document.
 */
export function renderDocuments(text: string, file: string): string {
  const manifests = documentsOf(text, file).flatMap(({ value, where }) => renderDocument(value, where));
  if (manifests.length === 0) throw new UserError(`${file} holds no ${KIND} of ${API_VERSION}`);
  return toYaml(manifests);
}

function documentsOf(text: string, file: string): Document[] {
  try {
    return parseDocuments(text, file);
  } catch (error) {
    throw error instanceof InvalidDocumentError ? new UserError(error.message, { cause: error }) : error;
  }
}

function renderDocument(value: unknown, where: string): Manifest[] {
  const { kind, apiVersion, metadata, items } = (value ?? {}) as Resource;
  if (kind === 'List') return itemsOf(items, where).flatMap((item, index) => renderDocument(item, `${where}, item ${index + 1}`));
  if (kind !== KIND) return [];
  if (!isMCPServer(value)) throw new UserError(`${where}: apiVersion is ${String(apiVersion)}, but only ${API_VERSION} is known`);
  if (typeof metadata?.name !== 'string') throw new UserError(`${where}: the ${KIND} needs a metadata.name`);
  // A name that can be none cannot name a construct either.
  resolveSpec(metadata.name, value.spec);
  return render(value);
}

function itemsOf(items: unknown, where: string): readonly unknown[] {
  if (items === undefined || items === null) return [];
  if (!Array.isArray(items)) throw new UserError(`${where}: the items of a List must be a list`);
  return items;
}
