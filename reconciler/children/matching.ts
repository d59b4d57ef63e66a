// Which versions of children are known to hold all that is planned, so that none is compared field by field twice.
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { REVISION } from '../compare/our-fields.ts';

type Version = KubernetesObject['metadata'];

/** Of one generation of an MCPServer, by uid of the child. */
export class Matching {
  readonly #versions = new Map<string | undefined, Version>();

  /** Whether this object is known to hold what is planned. The status of it may have moved since. */
  has({ metadata }: KubernetesObject): boolean {
    const known = this.#versions.get(metadata.uid);
    if (known === undefined) return false;
    if (known.resourceVersion === metadata.resourceVersion) return true;
    if (!isOnlyStatus(known, metadata)) return false;
    this.#versions.set(metadata.uid, metadata);
    return true;
  }

  /** Takes note that it does. */
  note({ metadata }: KubernetesObject): void {
    this.#versions.set(metadata.uid, metadata);
  }

  clear(): void {
    this.#versions.clear();
  }
}

/**
 * Whether nothing but the status of an object moved: API servers count up the generation with every change of the spec, and with none of
 * the status. Of objects whose generations they do not count nobody can tell.
 */
function isOnlyStatus(before: Version, after: Version): boolean {
  return after.generation !== undefined && before.generation === after.generation && isDeepStrictEqual(said(before), said(after));
}

function said({ labels, annotations = {}, ownerReferences }: Version): unknown {
  const { [REVISION]: _, ...ours } = annotations;
  return [labels, ours, ownerReferences];
}
