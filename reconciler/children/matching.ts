// Which versions of children are known to hold all that is planned, so that none is compared field by field twice.
import { isDeepStrictEqual } from 'node:util';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { REVISION } from '../compare/our-fields.ts';

type Metadata = KubernetesObject['metadata'];
/** What tells versions apart. The rest of what a write returned, who manages which of its fields, is several kilobytes of each child. */
type Version = { readonly [Field in 'resourceVersion' | 'generation' | 'labels' | 'annotations' | 'ownerReferences']?: Metadata[Field] | undefined };

/** Of one generation of an MCPServer, by uid of the child. */
export class Matching {
  readonly #versions = new Map<string | undefined, Version>();

  /** Whether this object is known to hold what is planned. The status of it may have moved since. */
  has({ metadata }: KubernetesObject): boolean {
    const known = this.#versions.get(metadata.uid);
    if (known === undefined) return false;
    const isSame = known.resourceVersion === metadata.resourceVersion;
    if (!isSame && !isOnlyStatus(known, metadata)) return false;
    // What caches have is shared by many; what a write returned is not.
    if (!isSame || known.labels !== metadata.labels) this.#keep(metadata);
    return true;
  }

  /** Takes note that it does. */
  note({ metadata }: KubernetesObject): void {
    this.#keep(metadata);
  }

  #keep({ uid, resourceVersion, generation, labels, annotations, ownerReferences }: Metadata): void {
    this.#versions.set(uid, { resourceVersion, generation, labels, annotations, ownerReferences });
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
