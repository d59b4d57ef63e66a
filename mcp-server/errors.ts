// How errors are told to MCP clients: one sentence and a hint, never a stack trace, never a credential.
import { NoCredentialsError } from '../kubernetes/connect.ts';
import { isApiError, type ApiError, type ApiErrorKind } from '../kubernetes/errors.ts';
import { KubeconfigError } from '../kubernetes/kubeconfig-error.ts';
import type { Action } from './cluster/port.ts';

/** JSON-RPC error codes that are sent here. */
export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** The implementation's own range: refused before the protocol was reached. */
export const REFUSED = -32000;

/** An answer to the client as a JSON-RPC error; both SDKs send `code` and `message` as they are. */
export class RequestError extends Error {
  readonly code: number;
  constructor(message: string, code: number = INVALID_PARAMS) {
    super(message);
    this.name = 'RequestError';
    this.code = code;
  }
}

/** What went wrong, in words a client may show. `expected` is false for a defect of this program. */
export interface Failure {
  readonly text: string;
  readonly expected: boolean;
}

/** Explains an error of the cluster. Anything unknown stays in the log of this server. */
export function explain(error: unknown, action: Action): Failure {
  const attempt = `Could not ${phrase(action)}`;
  if (error instanceof NoCredentialsError || error instanceof KubeconfigError || error instanceof RequestError) {
    return { text: `${attempt}: ${sentence(error.message)}`, expected: true };
  }
  if (!isApiError(error)) {
    return { text: `${attempt} because of an internal error. The log of the Kubernetes MCP server has the details.`, expected: false };
  }
  const text = `${attempt}: ${sentence(error.message)}`;
  const hint = HINTS[error.kind](error, action);
  return { text: hint === undefined ? text : `${text}\nHint: ${hint}`, expected: true };
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
