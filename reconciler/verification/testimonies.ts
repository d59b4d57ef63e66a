// Which pods gave the verdict that the status holds: where nobody may be asked any more, it stands as long as one of them serves.
import type { ServingPod } from './verifier.ts';

/** A restarted container is another witness. */
type Witness = Pick<ServingPod, 'uid' | 'restarts'>;

/** Witnesses by MCPServer, `namespace/name`. */
export class Testimonies {
  readonly #given = new Map<string, ReadonlySet<string>>();

  /** Takes note of who gave the present verdict. */
  give(key: string, pods: readonly Witness[]): void {
    this.#given.set(key, new Set(pods.map(identityOf)));
  }

  /**
   * Whether a pod that gave the last verdict still serves. After a restart of the operator nobody knows who did: the pods that serve
   * at the first look count as if they had.
   */
  stands(key: string, serving: readonly Witness[]): boolean {
    const given = this.#given.get(key);
    if (given === undefined) this.give(key, serving);
    return serving.some((pod) => given?.has(identityOf(pod)) ?? true);
  }

  /** Forgets an MCPServer that is gone, or is not asked. */
  forget(key: string): void {
    this.#given.delete(key);
  }
}

function identityOf({ uid, restarts }: Witness): string {
  return `${uid}/${restarts}`;
}
