// What stands in the way of an apply and cannot be applied away: defaults of the API server that nobody owns, and fields
// it changes only by a detour. Pure.
import type { Manifest } from '../../charts/render.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

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

/** What a Service has only while it is reached from outside; a port on every node likewise. */
const OUTSIDE = ['loadBalancerClass', 'loadBalancerSourceRanges', 'externalTrafficPolicy'];

/**
 * An object on the way to `desired`, from which the immutable `fields` can be changed; undefined where only deleting
 * the object would do. The class of a load balancer can change while the Service is none: the old one is given up.
 */
export function steppingStone(desired: Manifest, fields: readonly string[]): Manifest | undefined {
  if (desired.kind !== 'Service' || fields.some((field) => field !== 'spec.loadBalancerClass')) return undefined;
  const { ports, ...spec } = desired['spec'] as { readonly ports: readonly { readonly nodePort?: number }[] };
  const inside = Object.entries(spec).filter(([field]) => !OUTSIDE.includes(field));
  return { ...desired, spec: { ...Object.fromEntries(inside), ports: ports.map(({ nodePort: _port, ...port }) => port), type: 'ClusterIP' } };
}
