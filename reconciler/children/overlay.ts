// What observation decides about a child, on top of what is rendered: applied by a field manager of its own. Pure.
import type { Manifest } from '../../charts/render.ts';
import type { ClientIPAffinity } from '../../charts/service.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { contains } from '../compare/contains.ts';
import { OVERLAY_HASH_ANNOTATION } from '../compare/our-fields.ts';
import type { DeploymentObject } from '../kinds.ts';
import { REFERENCES_ANNOTATION, templateAnnotation, type ReferenceToken } from '../references/token.ts';
import { fingerprint } from '../runtime/fingerprint.ts';

/** What was observed that decides about a child. */
export interface ObservedState {
  readonly referenceToken?: ReferenceToken | undefined;
  /** Where the present number of replicas is 0: no autoscaler starts from there. Default 0. */
  readonly leastReplicas?: number | undefined;
  /** Of the Service, because the server keeps sessions. */
  readonly affinity?: ClientIPAffinity | undefined;
}

/** Fields laid over a child; none of them is rendered. */
interface OverlayFields {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

/** Whether a child leaves `replicas` to others: the overlay then holds the field while nobody else does, or it would fall back to 1. */
export function leavesReplicas({ kind, spec }: Manifest): boolean {
  return kind === 'Deployment' && (spec as { replicas?: number }).replicas === undefined;
}

/** The overlay to apply to a live child: undefined when it carries the right one already; without fields where an earlier one must go. */
export function missingOverlay(desired: Manifest, live: KubernetesObject, observed: ObservedState = {}): Manifest | undefined {
  const fields = overlayFields(desired, live, observed);
  const carried = live.metadata.annotations?.[OVERLAY_HASH_ANNOTATION];
  if (fields === undefined) return carried === undefined ? undefined : overlayManifest(desired, {});
  const hash = hashOf(fields);
  const manifest = overlayManifest(desired, { ...fields, annotations: { ...fields.annotations, [OVERLAY_HASH_ANNOTATION]: hash } });
  return carried === hash && contains(live, manifest) ? undefined : manifest;
}

/** Stands for what is to be laid over a live child; undefined when nothing is. */
export function overlayHash(desired: Manifest, live: KubernetesObject, observed: ObservedState): string | undefined {
  const fields = overlayFields(desired, live, observed);
  return fields && hashOf(fields);
}

function overlayFields(desired: Manifest, live: KubernetesObject, observed: ObservedState): OverlayFields | undefined {
  const { referenceToken = {}, affinity, leastReplicas = 0 } = observed;
  if (desired.kind === 'Service') return affinity && { spec: { ...affinity } };
  if (desired.kind !== 'Deployment') return undefined;
  const { record, restart } = referenceToken;
  const restarted = restart?.value ?? templateAnnotation(live);
  const spec = {
    ...(leavesReplicas(desired) && { replicas: (live as DeploymentObject).spec.replicas || leastReplicas }),
    ...(restarted !== undefined && { template: { metadata: { annotations: { [REFERENCES_ANNOTATION]: restarted } } } }),
  };
  const hasSpec = Object.keys(spec).length > 0;
  if (record === undefined && !hasSpec) return undefined;
  return { ...(record !== undefined && { annotations: { [REFERENCES_ANNOTATION]: record } }), ...(hasSpec && { spec }) };
}

function overlayManifest({ apiVersion, kind, metadata: { name, namespace } }: Manifest, { annotations, spec }: OverlayFields): Manifest {
  const metadata = { name, ...(namespace !== undefined && { namespace }), ...(annotations && { annotations }) };
  return { apiVersion, kind, metadata, ...(spec && { spec }) };
}

/** Whatever the number of replicas: others may change it at any time. */
function hashOf({ annotations, spec }: OverlayFields): string {
  const steady = { annotations, spec: spec && { ...spec, ...('replicas' in spec && { replicas: 'as they are' }) } };
  return fingerprint(steady);
}
