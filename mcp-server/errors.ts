// How errors are told to MCP clients: one sentence and a hint, never a stack trace, never a credential.
import { isIP } from 'node:net';
import { NoCredentialsError } from '../kubernetes/connect.ts';
import { isApiError, type ApiError, type ApiErrorKind } from '../kubernetes/errors.ts';
import { KubeconfigError } from '../kubernetes/kubeconfig-error.ts';
import type { Action } from './cluster/port.ts';
import { INVALID_PARAMS, REFUSED } from './json-rpc.ts';

/** An answer to the client as a JSON-RPC error; both SDKs send `code` and `message` as they are. */
export class RequestError extends Error {
  readonly code: number;
  constructor(message: string, code: number = INVALID_PARAMS) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
  }
}

/** There is no room for a call now; the message says why, and what to do. */
export class BusyError extends RequestError {
  constructor(message: string) {
    super(message, REFUSED);
    this.name = 'BusyError';
  }
}

/** Whether the API server found a mistake in what it was asked, such as the name of a container. */
export function isBadRequest(error: unknown): boolean {
  return isApiError(error, 'BadRequest');
}

/** What went wrong, in words a client may show. `expected` is false for a defect of this program. */
export interface Failure {
  /** For the log, and for a client that is the user's own program. */
  readonly text: string;
  /** For whoever may ask: names no file and no address. */
  readonly told: string;
  readonly expected: boolean;
}

/** Explains an error of the cluster. Anything unknown stays in the log of this server. */
export function explain(error: unknown, action: Action): Failure {
  const attempt = `Could not ${phrase(action)}`;
  if (error instanceof NoCredentialsError || error instanceof KubeconfigError || error instanceof RequestError) {
    return { text: `${attempt}: ${sentence(error.message)}`, told: `${attempt}: ${sentence(withoutPlaces(error))}`, expected: true };
  }
  if (!isApiError(error)) {
    const text = `${attempt} because of an internal error. The log of the Kubernetes MCP server has the details.`;
    return { text, told: text, expected: false };
  }
  const hint = HINTS[error.kind](error, action);
  const say = (message: string): string => `${attempt}: ${sentence(message)}${hint === undefined ? '' : `\nHint: ${hint}`}`;
  return { text: say(error.message), told: say(withoutPlaces(error)), expected: true };
}

const SEE_LOG = 'the log of the Kubernetes MCP server says more';

/** The message of an error as anybody may know it. What the API server says is for its caller, but for addresses. */
function withoutPlaces(error: Error): string {
  if (error instanceof KubeconfigError) return `${error.told ?? 'the kubeconfig cannot be used'}; ${SEE_LOG}`;
  if (error instanceof NoCredentialsError) return error.told ?? `no Kubernetes credentials can be used; ${SEE_LOG}`;
  if (!isApiError(error)) return error.message;
  if (error.cause instanceof KubeconfigError) return withoutPlaces(error.cause);
  if (error.kind === 'Network') return `no connection to the API server${codeOf(error.cause)}; ${SEE_LOG}`;
  if (error.kind === 'Unauthorized' && error.status === undefined) return `no Kubernetes credentials can be used; ${SEE_LOG}`;
  return withoutAddresses(error.message);
}

/** The word of the system, such as ECONNREFUSED. */
function codeOf(cause: unknown): string {
  const code: unknown = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? ` (${code})` : '';
}

/** Hosts of URLs, names that were looked up, and IP addresses with their ports. */
function withoutAddresses(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*):\/\/[^\s/"']+/gi, '$1://***')
    .replaceAll(/\blookup \S+ on /g, 'lookup *** on ')
    .replaceAll(/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?\b/g, '***')
    .replaceAll(/\[[0-9a-f:.]{2,45}\](?::\d{1,5})?/gi, '***')
    .replaceAll(/[0-9a-f:]{3,39}/gi, (word) => (isIP(word) === 6 ? '***' : word));
}

function phrase({ verb, resource, namespace, name }: Action): string {
  const inNamespace = namespace === undefined ? '' : ` in namespace "${namespace}"`;
  if (resource === 'readyz') return 'reach a ready API server';
  if (resource === 'pods/log') return `read the logs of pod "${name ?? ''}"${inNamespace}`;
  if (verb === 'list') return `list ${resource}${inNamespace}`;
  return `${verb} pod "${name ?? ''}"${inNamespace}`;
}

function sentence(message: string): string {
  const trimmed = message.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

const HINTS: Readonly<Record<ApiErrorKind, (error: ApiError, action: Action) => string | undefined>> = {
  NotFound: (_error, action) => notFoundHint(action),
  AlreadyExists: () => 'Choose another name, or delete the existing pod with delete-pod first.',
  Forbidden: ({ message }, action) => forbiddenHint(message, action),
  Unauthorized: () => 'The API server did not accept the credentials of the Kubernetes MCP server: the token or certificate may have expired. Renew its kubeconfig or ServiceAccount.',
  Invalid: badRequestHint,
  BadRequest: badRequestHint,
  TooManyRequests: ({ retryAfterSeconds }) => `The API server is busy: try again in ${retryAfterSeconds ?? 1} s.`,
  Network: unreachableHint,
  Timeout: unreachableHint,
  Server: serverHint,
  Rejected: serverHint,
  Conflict: () => 'The object changed meanwhile: try again.',
  Gone: () => 'The object changed meanwhile: try again.',
};

function badRequestHint(_error: ApiError, { resource }: Action): string {
  return resource === 'pods/log'
    ? 'The container may not have started yet, or the pod has several: name one with the argument container.'
    : 'Change the arguments as the message says.';
}

function unreachableHint(): string {
  return 'The API server could not be reached or did not answer in time. Check the server address in the kubeconfig and the network between it and the Kubernetes MCP server.';
}

function serverHint(_error: ApiError, { resource }: Action): string {
  return resource === 'pods/log'
    ? "The API server could not get the log from the kubelet of the pod's node: the node may be down."
    : 'The API server failed; try again, and look at its own log if it keeps failing.';
}

function notFoundHint(action: Action): string | undefined {
  if (action.namespace === undefined) return undefined;
  if (action.verb === 'create') return `Namespace "${action.namespace}" may not exist: create it first, or name another one.`;
  return `Names are exact: read the resource k8s://namespace/${action.namespace}/pods to see which pods exist.`;
}

function forbiddenHint(message: string, { verb, resource, namespace }: Action): string {
  if (message.includes('violates PodSecurity')) {
    return `Namespace "${namespace ?? ''}" enforces a Pod Security level that this pod does not meet: use another namespace, or create the pod from a manifest with the security context that the message names.`;
  }
  if (message.includes('exceeded quota')) return 'The quota of the namespace is used up: delete pods that are not needed, or raise the ResourceQuota.';
  const role = namespace === undefined ? 'a ClusterRole' : `a Role in namespace "${namespace}" (or a ClusterRole)`;
  return `The identity of the Kubernetes MCP server lacks an RBAC permission. Bind it to ${role} with the rule apiGroups: [""], resources: ["${resource}"], verbs: ["${verb}"].`;
}
