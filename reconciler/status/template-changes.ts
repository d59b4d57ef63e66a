// Since when each Deployment has its present pod template: what its status said before that is about another one.
import type { DeploymentObject } from '../kinds.ts';
import { fingerprint } from '../runtime/fingerprint.ts';

interface Seen {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  readonly template: string;
  /** Undefined while it is the first one seen. */
  readonly since: Date | undefined;
}

/** Watches pod templates, by their hashes, for as long as the operator runs. */
export class TemplateChanges {
  readonly #seen = new Map<string, Seen>();

  /** Takes note of a Deployment of the MCPServer `key`. When its template changed, or undefined if it did not since it was first seen. */
  note(key: string, deployment: DeploymentObject, now: Date): Date | undefined {
    const { uid, generation } = deployment.metadata;
    const before = this.#seen.get(key);
    // The API server counts every change of a spec, so most looks need no hash:
    // https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
    if (before !== undefined && generation !== undefined && before.uid === uid && before.generation === generation) return before.since;
    const template = fingerprint(deployment.spec.template ?? {});
    const isSame = before?.uid === uid && before?.template === template;
    const since = isSame || before === undefined ? before?.since : now;
    this.#seen.set(key, { uid, generation, template, since });
    return since;
  }

  /** Forgets an MCPServer that is gone. */
  forget(key: string): void {
    this.#seen.delete(key);
  }
}
