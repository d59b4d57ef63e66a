// What stands in the way of an apply and cannot be applied away, because nobody owns it: defaults of the API server. Pure.
import type { Manifest } from '../charts/render.ts';
import type { KubernetesObject } from '../kubernetes/objects.ts';

interface HasStrategy {
  readonly spec?: { readonly strategy?: { readonly type?: string; readonly rollingUpdate?: object } };
}

/**
 * A merge patch to send before the apply; undefined when none is needed. A Deployment that was rolling has defaulted
 * numbers in `rollingUpdate`, which the API server refuses beside Recreate, and an apply removes only what it owns.
 */
export function patchToMakeWay(desired: Manifest, live: KubernetesObject): object | undefined {
  const wanted = (desired as HasStrategy).spec?.strategy;
  const present = (live as HasStrategy).spec?.strategy;
  if (wanted?.type !== 'Recreate' || present?.rollingUpdate === undefined) return undefined;
  return { spec: { strategy: { type: wanted.type, rollingUpdate: null } } };
}
