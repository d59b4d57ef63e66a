// The MCPServers in texts of YAML documents: found, told apart, and each with the place where it stands. Pure.
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import { isMCPServer, type MCPServerManifest } from '../../../charts/api/mcpserver.ts';
import { InvalidDocumentError, parseDocuments, type Document } from '../../../charts/documents.ts';
import { UserError } from '../user-error.ts';
import type { Input } from './read-inputs.ts';

/** An MCPServer of a file; only its kind, its apiVersion and that it has a name are known. */
export interface Found {
  readonly manifest: MCPServerManifest;
  /** File, document and item, for messages. */
  readonly where: string;
  readonly file: string;
  /** The line of a field such as `spec.env.0.name`, or of what stands nearest above it; without one the first line. */
  readonly lineOf: (field?: string) => number;
}

/** What keeps something in a file from being an MCPServer that can be looked at. */
export interface Unusable {
  readonly where: string;
  readonly file: string;
  readonly line: number;
  /** What is wrong, without where. */
  readonly problem: string;
}

export interface Findings {
  readonly servers: readonly Found[];
  readonly unusable: readonly Unusable[];
}

interface Resource {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown } | null;
  readonly items?: unknown;
}

/**
 * Looks for MCPServers. Other objects are left out; a `List`, as kubectl prints it, is looked into. One that stands twice, by its name
 * and its namespace or else `namespace`, is unusable the second time.
 */
export function findServers(inputs: readonly Input[], { namespace }: { readonly namespace?: string } = {}): Findings {
  const found: (Found | Unusable)[] = inputs.flatMap((input) => inInput(input));
  const places = new Map<string, string>();
  const told = found.map((each): Found | Unusable => {
    if (!('manifest' in each)) return each;
    const { name, namespace: own = namespace } = each.manifest.metadata;
    const key = own === undefined ? name : `${own}/${name}`;
    const before = places.get(key);
    if (before === undefined) places.set(key, each.where);
    return before === undefined ? each : unusable(each, `${KIND} ${key} stands in ${before}, too: remove one of them`);
  });
  return { servers: told.filter((each) => 'manifest' in each), unusable: told.filter((each) => 'problem' in each) };
}

/** The MCPServers. Throws UserError for the first thing that is unusable, and where there is none at all. */
export function serversIn(inputs: readonly Input[], options: { readonly namespace?: string } = {}): readonly Found[] {
  const { servers, unusable: [first] } = findServers(inputs, options);
  if (first !== undefined) throw new UserError(`${first.where}: ${first.problem}`);
  if (servers.length === 0) throw noServers(inputs);
  return servers;
}

/** Told where nothing is an MCPServer: somebody meant another file. */
export function noServers(inputs: readonly Input[]): UserError {
  const names = inputs.map(({ name }) => name);
  const told = names.length === 1 ? `${names[0]} holds` : `none of ${names.length} files holds`;
  return new UserError(`${told} ${names.length === 1 ? 'no' : 'an'} ${KIND} of ${API_VERSION}`);
}

function inInput({ name, text }: Input): (Found | Unusable)[] {
  try {
    const documents = parseDocuments(text, name);
    return documents.flatMap((document) => inValue(document.value, { document, file: name, where: document.where, path: [] }));
  } catch (error) {
    if (!(error instanceof InvalidDocumentError)) throw error;
    const { where, problem, line } = error;
    return [{ where, file: name, line, problem }];
  }
}

interface At {
  readonly document: Document;
  readonly file: string;
  readonly where: string;
  /** From the document to the value. */
  readonly path: readonly string[];
}

function inValue(value: unknown, at: At): (Found | Unusable)[] {
  const { kind, apiVersion, metadata, items } = (value ?? {}) as Resource;
  const { document, file, where, path } = at;
  const lineOf = (field = ''): number => document.lineOf([...path, ...field.split(/[.[\]]+/).filter((part) => part !== '')]);
  if (kind === 'List') {
    if (items === undefined || items === null) return [];
    if (!Array.isArray(items)) return [unusable({ where, file, lineOf }, 'the items of a List must be a list', 'items')];
    return items.flatMap((item, index) => {
      const below = [...path, 'items', String(index)];
      return inValue(item, { document, file, where: `${where}, item ${index + 1}`, path: below });
    });
  }
  if (kind !== KIND) return [];
  if (!isMCPServer(value)) return [unusable({ where, file, lineOf }, `apiVersion is ${String(apiVersion)}, but only ${API_VERSION} is known`, 'apiVersion')];
  if (typeof metadata?.name !== 'string') return [unusable({ where, file, lineOf }, `the ${KIND} needs a metadata.name`, 'metadata')];
  const { namespace } = metadata;
  if (namespace !== undefined && namespace !== null && typeof namespace !== 'string') return [unusable({ where, file, lineOf }, 'metadata.namespace must be a text', 'metadata.namespace')];
  return [{ manifest: value, where, file, lineOf }];
}

function unusable({ where, file, lineOf }: Pick<Found, 'where' | 'file' | 'lineOf'>, problem: string, field?: string): Unusable {
  return { where, file, line: lineOf(field), problem };
}
