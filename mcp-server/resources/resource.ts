// The shape of a resource: pure data and one reader. Every file beside this one defines one resource.
import type { Action, Cluster } from '../cluster/port.ts';

/** No resource lists more objects than this; the answer says when there are more. */
export const LIST_LIMIT = 500;

/** What a reader may use. */
export interface ResourceContext {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/** A resource whose content is JSON. */
export interface Resource {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A fixed URI, or a URI template (RFC 6570) whose variables `action` and `read` receive. */
  readonly uri: string;
  /** Concrete URIs of a template that are worth listing. */
  readonly listed?: readonly { readonly uri: string; readonly name: string; readonly title: string; readonly description: string }[];
  /** What reading does to the cluster. Throws a RequestError for variables that cannot be right. */
  action(variables: Readonly<Record<string, string>>): Action;
  /** The content, to be written as JSON. */
  read(variables: Readonly<Record<string, string>>, context: ResourceContext): Promise<unknown>;
}

/** Why a list is not complete, for the reader of a truncated one. */
export function truncationNote(truncated: boolean): { truncated: boolean; note?: string } {
  return truncated ? { truncated, note: `Only the first ${LIST_LIMIT} are listed.` } : { truncated };
}
