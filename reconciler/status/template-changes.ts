// Since when a Deployment has its present pod template: what its status said before that is about another one.
import { isDeepStrictEqual } from 'node:util';
import type { DeploymentObject } from '../kinds.ts';

interface Seen {
  readonly uid: string | undefined;
  readonly generation: number | undefined;
  template: unknown;
  /** Undefined while it is the first one seen. */
  readonly since: Date | undefined;
}

/** Watches the pod template of one MCPServer for as long as the operator runs. */
export class TemplateChanges {
  #seen: Seen | undefined;

  /** Takes note of the Deployment. When its template changed, or undefined if it did not since it was first seen. */
  note(deployment: DeploymentObject, now: Date): Date | undefined {
    const { uid, generation } = deployment.metadata;
    const { template } = deployment.spec;
    const before = this.#seen;
    // The API server counts every change of a spec, so most looks compare nothing:
    // https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/
    if (before !== undefined && generation !== undefined && before.uid === uid && before.generation === generation) {
      // What caches have is shared by many; what a write returned is not.
      before.template = template;
      return before.since;
    }
    const isSame = before?.uid === uid && isDeepStrictEqual(before?.template, template);
    const since = isSame || before === undefined ? before?.since : now;
    this.#seen = { uid, generation, template, since };
    return since;
  }
}
