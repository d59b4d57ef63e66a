// What an error of the API server means for an MCPServer: what its status says, and who else was refused by the same. Pure.
import { immutableFields, isApiError, type ApiError } from '../../kubernetes/errors.ts';
import type { Obstacle } from '../status/situation.ts';

/** Why a write did not succeed. */
export interface Refusal {
  readonly obstacle: Obstacle;
  /** Names who refused: what is refused by the same is likely to pass at the same time. Undefined: nobody knows who. */
  readonly group: string | undefined;
}

/** Who stands between the operator and the object, as the answer tells. */
interface Refuser {
  readonly group: string;
  readonly kind: 'Webhook' | 'BrokenWebhook' | 'Policy' | 'Quota' | 'Namespace' | 'Role';
}

/** How the API server words it. The first group names the refuser. */
const REFUSERS: readonly (readonly [Refuser['kind'], RegExp])[] = [
  ['Webhook', /admission webhook "([^"]+)" denied the request/],
  ['BrokenWebhook', /failed (?:calling|to call) (?:conversion |admission )?webhook "?([^":]+)/],
  ['BrokenWebhook', /conversion webhook for ([^,\s]+)/],
  ['Policy', /(?:Validating|Mutating)AdmissionPolicy '([^']+)'/],
  ['Policy', /policy '([^']+)' with binding/],
  ['Quota', /(?:exceeded|failed|insufficient|unknown for) quota: ([^,:\s]+)/],
  ['Namespace', /namespace "?([-a-z0-9]+)"? (?:because it )?is being terminated/],
  ['Namespace', /namespaces? "([^"]+)" (?:not found|is terminating)/],
  ['Role', /User "[^"]*" cannot .*?in the namespace "([^"]+)"/],
  ['Role', /User "[^"]*" cannot ()/],
];

/** Statuses that speak of the request as it is; of other ones in the four hundreds nobody knows why. */
const FAULTS_OF_THE_REQUEST = [400, 403, 413, 422];

/**
 * What a failed write, or the failed read before it, is in the words of the status. Undefined for what is no failure: an object
 * changed, came or went meanwhile, and is to be looked at again. A mistake that nobody shares is of the group `own`, the
 * key `namespace/name`.
 */
export function refusal(error: unknown, own: string): Refusal | undefined {
  if (!isApiError(error)) {
    const message = `The operator itself failed: ${error instanceof Error ? error.message : String(error)}. See its log; it tries again.`;
    return { obstacle: { reason: 'Retrying', message, stalled: false }, group: undefined };
  }
  const refuser = refuserIn(error, own);
  const isDeliberate = refuser !== undefined && ['Webhook', 'Policy'].includes(refuser.kind);
  const fields = immutableFields(error);
  if (!isDeliberate && (isApiError(error, 'Conflict', 'AlreadyExists') || fields.includes('metadata.uid'))) return undefined;
  return { obstacle: obstacleOf(error, refuser, fields), group: refuser?.group ?? (isFaultOfTheRequest(error) ? own : undefined) };
}

/** Whether the API server, or what it asks, holds this object to be wrong, so that trying the same again at once is in vain. */
export function isRefused(error: unknown): boolean {
  const reason = refusal(error, '')?.obstacle.reason;
  return reason === 'InvalidSpec' || reason === 'PolicyRefused' || reason === 'ImmutableField';
}

/** Whether a delete is not permitted, by rights or by a policy: no matter of the spec, which is live without it. */
export function mayNotDelete(error: unknown): boolean {
  const reason = refusal(error, '')?.obstacle.reason;
  return reason === 'Forbidden' || reason === 'PolicyRefused';
}

function obstacleOf(error: ApiError, refuser: Refuser | undefined, fields: readonly string[]): Obstacle {
  const message = error.message.replace(/\.+$/, '');
  const isPassing = !isFaultOfTheRequest(error);
  switch (isPassing ? undefined : refuser?.kind) {
    case 'Webhook':
    case 'Policy':
      return { reason: 'PolicyRefused', message: `A policy of the cluster refuses what the spec leads to: ${message}. Change the spec to what it allows, or the policy.`, stalled: true };
    case 'Quota':
      return { reason: 'QuotaExceeded', message: `${message}. Make room below the quota, or raise it.`, stalled: false };
    case 'Role':
      return { reason: 'Forbidden', message: `The operator lacks a right: ${message}. Grant it, as the installation does.`, stalled: true };
    case 'BrokenWebhook':
    case 'Namespace':
      return retrying(message);
    case undefined:
      break;
  }
  if (isPassing) return retrying(message);
  if (fields.length > 0) {
    const how = `The API server cannot change ${fields.join(', ')} of an existing object (${message}). Delete that object, and it is created anew.`;
    return { reason: 'ImmutableField', message: how, stalled: true };
  }
  if (error.kind === 'Forbidden') {
    return { reason: 'PolicyRefused', message: `An admission plugin of the cluster refuses what the spec leads to: ${message}. Change the spec to what it allows.`, stalled: true };
  }
  return { reason: 'InvalidSpec', message: `The API server refuses what the spec leads to: ${error.message}`, stalled: true };
}

function retrying(message: string): Obstacle {
  return { reason: 'Retrying', message: `A write failed and is tried again: ${message}.`, stalled: false };
}

function isFaultOfTheRequest(error: ApiError): boolean {
  const { status = 0, kind } = error;
  return FAULTS_OF_THE_REQUEST.includes(status) || ['Invalid', 'Rejected', 'Forbidden'].includes(kind) || isDenial(error);
}

/** A webhook may refuse with any status; from 500 on, and with 429 or 408, it says that it could not decide. */
function isDenial({ status = 0, message }: ApiError): boolean {
  return status < 500 && ![408, 429].includes(status) && /denied (?:the )?request/.test(message);
}

function refuserIn({ message }: ApiError, own: string): Refuser | undefined {
  // Quotas of one name may be in many namespaces.
  const namespace = own.split('/', 1).join('');
  for (const [kind, words] of REFUSERS) {
    const [text, name = ''] = words.exec(message) ?? [];
    if (text !== undefined) return { kind, group: kind === 'Quota' ? `${kind}/${namespace}/${name}` : `${kind}/${name}` };
  }
  return undefined;
}
