// Which versions of children are known to hold all that is planned, so that none is compared field by field twice.
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { REVISION } from '../compare/our-fields.ts';
import { fingerprint } from '../runtime/fingerprint.ts';

interface Version {
  readonly resourceVersion: string | undefined;
  /** Stands for all but its status; undefined where the API server does not count generations. */
  readonly wanted: string | undefined;
}

/** Of one generation of an MCPServer, by uid of the child. */
export class Matching {
  readonly #versions = new Map<string | undefined, Version>();

  /** Whether this object is known to hold what is planned. The status of it may have moved since. */
  has({ metadata }: KubernetesObject): boolean {
    const known = this.#versions.get(metadata.uid);
    if (known === undefined) return false;
    if (known.resourceVersion === metadata.resourceVersion) return true;
    if (known.wanted === undefined || known.wanted !== wantedOf(metadata)) return false;
    this.#versions.set(metadata.uid, { ...known, resourceVersion: metadata.resourceVersion });
    return true;
  }

  /** Takes note that it does. */
  note({ metadata }: KubernetesObject): void {
    this.#versions.set(metadata.uid, { resourceVersion: metadata.resourceVersion, wanted: wantedOf(metadata) });
  }

  clear(): void {
    this.#versions.clear();
  }
}

/** API servers count up the generation with every change of the spec, and with none of the status. */
function wantedOf({ generation, labels, annotations = {}, ownerReferences }: KubernetesObject['metadata']): string | undefined {
  const { [REVISION]: _, ...said } = annotations;
  return generation === undefined ? undefined : fingerprint([generation, labels, said, ownerReferences]);
}
