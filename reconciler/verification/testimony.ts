// Which pods gave the verdict that the status holds: where nobody may be asked any more, it stands as long as one of them serves.
import { containerOf, type ServingPod } from './observation.ts';

/** A restarted container is another witness. */
type Witness = Pick<ServingPod, 'uid' | 'restarts'>;

/** The witnesses of one MCPServer. */
export class Testimony {
  #given: ReadonlySet<string> | undefined;

  /** Takes note of who gave the present verdict; of nobody where none is asked. */
  give(pods: readonly Witness[]): void {
    this.#given = new Set(pods.map(containerOf));
  }

  /**
   * Whether a pod that gave the last verdict still serves. After a restart of the operator nobody knows who did: the pods that serve
   * at the first look count as if they had.
   */
  stands(serving: readonly Witness[]): boolean {
    if (this.#given === undefined) this.give(serving);
    return serving.some((pod) => this.#given?.has(containerOf(pod)));
  }
}
