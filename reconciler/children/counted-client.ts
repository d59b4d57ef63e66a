// The client of one reconcile, which says so with each request, knows how many it sent, and tells of each write what became of it.
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { isApiError } from '../../kubernetes/errors.ts';
import type { Cancellable } from '../../kubernetes/requests.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../kubernetes/objects.ts';

/** The calls that reconciling makes. */
export type ReconcilingClient = Pick<KubernetesClient, 'get' | 'apply' | 'patch' | 'delete'>;

/** What became of a write. Conflict: the object changed, came or went meanwhile. Refused: for what it asks. Failed: for any other reason. */
export const WRITE_OUTCOMES = ['created', 'changed', 'unchanged', 'conflict', 'refused', 'failed'] as const;
export type WriteOutcome = (typeof WRITE_OUTCOMES)[number];

/** A write that was sent. */
export interface Write {
  readonly verb: 'apply' | 'patch' | 'delete';
  readonly kind: string;
  readonly outcome: WriteOutcome;
}

/** Told of writes. */
export interface Ledger {
  /** The object as it is known before it is written. */
  readonly before: (type: ResourceType, ref: ObjectReference) => KubernetesObject | undefined;
  readonly onWrite: (write: Write) => void;
  /** What all requests are for; see `Cancellable`. */
  readonly purpose: string;
}

/** A client that counts. */
export interface Counted {
  readonly client: ReconcilingClient;
  readonly requests: () => number;
}

/** A client that sends what `client` sends, counts it, and tells of writes; those that are only tried are none. */
export function counted(client: ReconcilingClient, ledger: Ledger): Counted {
  let requests = 0;
  const about = <Options extends object>(options: Options | undefined): Options & Cancellable => {
    requests += 1;
    return { ...options, purpose: ledger.purpose } as Options & Cancellable;
  };
  const calls: ReconcilingClient = {
    get: (type, ref, options) => client.get(type, ref, about(options)),
    apply: (type, object, options) => client.apply(type, object, about(options)),
    patch: (type, ref, ...[patch, options]) => client.patch(type, ref, patch, about(options)),
    delete: (type, ref, options) => client.delete(type, ref, about(options)),
  };
  return { client: told(calls, ledger), requests: () => requests };
}

interface Sent {
  readonly verb: Write['verb'];
  readonly type: ResourceType;
  readonly ref: ObjectReference;
}

function told(client: ReconcilingClient, { before, onWrite }: Ledger): ReconcilingClient {
  const telling = async <T>({ verb, type, ref }: Sent, sent: Promise<T>): Promise<T> => {
    const { kind } = type;
    const known = before(type, ref);
    try {
      const answer = await sent;
      onWrite({ verb, kind, outcome: verb === 'delete' ? 'changed' : outcomeOf(known, answer as KubernetesObject) });
      return answer;
    } catch (error) {
      onWrite({ verb, kind, outcome: failureOf(error) });
      throw error;
    }
  };
  return {
    get: client.get,
    apply: (type, object, options) => {
      const sent = client.apply<never>(type, object, options);
      return options.dryRun === true ? sent : telling({ verb: 'apply', type, ref: object.metadata }, sent);
    },
    patch: (type, ref, ...rest) => {
      const sent = client.patch<never>(type, ref, ...rest);
      return rest[1]?.dryRun === true ? sent : telling({ verb: 'patch', type, ref }, sent);
    },
    delete: (type, ref, options) => telling({ verb: 'delete', type, ref }, client.delete(type, ref, options)),
  };
}

function outcomeOf(before: KubernetesObject | undefined, after: KubernetesObject): WriteOutcome {
  if (before === undefined) return 'created';
  return before.metadata.resourceVersion === after.metadata.resourceVersion ? 'unchanged' : 'changed';
}

function failureOf(error: unknown): WriteOutcome {
  if (isApiError(error, 'Conflict', 'AlreadyExists')) return 'conflict';
  return isApiError(error, 'Forbidden', 'Invalid', 'BadRequest', 'Rejected', 'NotFound') ? 'refused' : 'failed';
}
