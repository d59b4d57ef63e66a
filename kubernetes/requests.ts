// The options of the client's calls, and what they become on the wire. Pure.
import { jsonAsYaml } from './json-as-yaml.ts';
import { apiVersionOf } from './objects.ts';
import type { KubernetesObject, PathReference, ResourceType } from './objects.ts';
import type { Enough } from './responses.ts';

/** What every call takes. */
export interface Cancellable {
  /** Ends a call early; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What the call is for: it stands behind the user agent, after a slash, and so in the audit log. */
  readonly purpose?: string | undefined;
}

/** What to list; `limit` is the most objects of a page, by default as many as are not too many bytes; all pages are read. */
export interface ListOptions extends Cancellable {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Leaves everything but `metadata` on the server. */
  readonly metadataOnly?: boolean | undefined;
  readonly limit?: number | undefined;
}

/** Media type of an answer without anything but the metadata of objects; undefined for whole objects. */
export function acceptOf(metadataOnly: boolean | undefined, as: 'PartialObjectMetadata' | 'PartialObjectMetadataList'): string | undefined {
  return metadataOnly === true ? `application/json;as=${as};g=meta.k8s.io;v=v1` : undefined;
}

/** How to write; without `fieldManager` the server names the manager after the user agent. */
export interface WriteOptions extends Cancellable {
  readonly fieldManager?: string | undefined;
  readonly subresource?: string | undefined;
  readonly dryRun?: boolean | undefined;
}

/** How to apply; without `force` a field that another manager owns with another value is a Conflict. */
export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string;
  readonly force?: boolean | undefined;
}

/** How to delete; `uid` and `resourceVersion` are preconditions, whose failure is a Conflict. */
export interface DeleteOptions extends Cancellable {
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
}

/** Query parameters; undefined ones are left out. */
export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Everything about a raw request besides method and path. A body is JSON unless the `content-type` header says otherwise. */
export interface RawOptions extends Cancellable {
  readonly query?: Query | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | Buffer | undefined;
  readonly accept?: string | undefined;
  /** Milliseconds for the whole request; for a stream, until its head. */
  readonly timeoutMs?: number | undefined;
  /** Bytes of the answer to read at most; a longer one arrives cut and marked `truncated`. */
  readonly maxBytes?: number | undefined;
  /** Bytes of the answer to keep at most, however many are read. Default: all. Not for streams. */
  readonly keepBytes?: number | undefined;
  /** Pieces of the answer to read at most, as `maxBytes`. Default: any number. Not for streams. */
  readonly maxPieces?: number | undefined;
  /** Ends the reading of an answer that may stay open. Not for streams. */
  readonly enough?: Enough | undefined;
}

const PLAIN = /^[\w.-]*$/;

/** `path` with the given parameters appended. */
export function withQuery(path: string, query: Query = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)] as const);
  if (given.length === 0) return path;
  // Most have nothing to escape, such as those of writes.
  const isPlain = given.every(([, value]) => PLAIN.test(value));
  const text = isPlain ? given.map((parameter) => parameter.join('=')).join('&') : new URLSearchParams(Object.fromEntries(given)).toString();
  return `${path}${path.includes('?') ? '&' : '?'}${text}`;
}

/** The query of a create, update, apply or patch. */
export function writeQuery(options: WriteOptions): Query {
  return { fieldManager: options.fieldManager, dryRun: options.dryRun ? 'All' : undefined };
}

/** The body of DELETE. */
export function deleteBody(options: DeleteOptions): string {
  const { signal: _, uid, resourceVersion, ...rest } = options;
  const preconditions = uid === undefined && resourceVersion === undefined ? undefined : { uid, resourceVersion };
  return JSON.stringify({ apiVersion: 'v1', kind: 'DeleteOptions', preconditions, ...rest });
}

/** The body of a create or update: with apiVersion and kind, without managedFields, which server-side apply refuses. */
export function objectBody(type: ResourceType, object: KubernetesObject): string {
  const { managedFields: _, ...metadata } = object.metadata;
  return JSON.stringify({ apiVersion: apiVersionOf(type), kind: type.kind, ...object, metadata });
}

/** The body of an apply, which the API server reads as YAML: as `objectBody`, whatever characters are in it. */
export function applyBody(type: ResourceType, object: KubernetesObject): string {
  return jsonAsYaml(objectBody(type, object));
}

/** Names a request in error messages: `PATCH deployments demo/x`, `GET pods in demo`, `GET nodes`. */
export function subjectOf(method: string, type: ResourceType, ref: PathReference): string {
  const plural = ref.subresource === undefined ? type.plural : `${type.plural}/${ref.subresource}`;
  if (ref.name !== undefined) return `${method} ${plural} ${ref.namespace === undefined ? '' : `${ref.namespace}/`}${ref.name}`;
  return ref.namespace === undefined ? `${method} ${plural}` : `${method} ${plural} in ${ref.namespace}`;
}
