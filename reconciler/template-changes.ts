// Since when each Deployment has its present pod template: what its status said before that is about another one.
import type { DeploymentObject } from './kinds.ts';

interface Seen {
  readonly template: string;
  /** Undefined while it is the first one seen. */
  readonly since?: Date;
}

/** Watches pod templates for as long as the operator runs. */
export class TemplateChanges {
  readonly #seen = new Map<string, Seen>();

  /** Takes note of a Deployment of the MCPServer `key`. When its template changed, or undefined if it did not since it was first seen. */
  look(key: string, deployment: DeploymentObject, now: Date): Date | undefined {
    const template = JSON.stringify([deployment.metadata.uid, deployment.spec.template]);
    const before = this.#seen.get(key);
    if (before?.template === template) return before.since;
    const since = before === undefined ? undefined : now;
    this.#seen.set(key, { template, ...(since && { since }) });
    return since;
  }

  /** Forgets an MCPServer that is gone. */
  forget(key: string): void {
    this.#seen.delete(key);
  }
}
