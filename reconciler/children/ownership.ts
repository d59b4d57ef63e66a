// Who owns a child: how the operator's marks on an object are set and read. Pure.
import { API_VERSION, GROUP, KIND } from '../../charts/api/group.ts';
import type { Manifest } from '../../charts/render.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { APPLIED_HASH_ANNOTATION, OWNER_ANNOTATION } from '../compare/our-fields.ts';
import type { MCPServerObject } from '../kinds.ts';
import { fingerprint } from '../runtime/fingerprint.ts';

/** A resourceVersion no object has: an apply that carries it can only create. */
export const CREATE_ONLY = '1';
/** Annotation by which a foreign object consents to be taken over by the MCPServer it names. */
export const ADOPT_ANNOTATION = `${GROUP}/adopt-by`;

const FOREIGN_TRACKING = ['argocd.argoproj.io/tracking-id', 'kustomize.toolkit.fluxcd.io/name'];

/** How an existing object stands to an MCPServer. */
export type Ownership =
  /** Ours; `attached` tells whether the owner reference is there. */
  | { readonly kind: 'owned'; readonly attached: boolean }
  /** Not ours, but it consents to become ours. */
  | { readonly kind: 'adoptable' }
  /** Left behind by a deleted MCPServer of the same name: garbage collection is about to remove it. */
  | { readonly kind: 'leftover' }
  /** Somebody else's. */
  | { readonly kind: 'foreign'; readonly owner: string };

/** Reads the marks on an object. */
export function ownership(object: KubernetesObject, server: MCPServerObject): Ownership {
  const { annotations = {}, ownerReferences = [] } = object.metadata;
  const controller = ownerReferences.find((reference) => reference.controller === true);
  if (controller?.uid === server.metadata.uid) return { kind: 'owned', attached: true };
  if (controller !== undefined) {
    const isNamesake = controller.kind === KIND && controller.apiVersion === API_VERSION && controller.name === server.metadata.name;
    return isNamesake ? { kind: 'leftover' } : { kind: 'foreign', owner: `owned by ${controller.kind} ${controller.name}` };
  }
  const tracking = FOREIGN_TRACKING.find((key) => annotations[key] !== undefined);
  if (tracking === undefined && annotations[OWNER_ANNOTATION] === ownerMark(server)) return { kind: 'owned', attached: false };
  if (annotations[ADOPT_ANNOTATION] === server.metadata.name) return { kind: 'adoptable' };
  if (tracking !== undefined) return { kind: 'foreign', owner: `tracked by ${tracking}` };
  const left = annotations[OWNER_ANNOTATION] === undefined ? 'no owner named on it' : 'left by an MCPServer that is gone';
  return { kind: 'foreign', owner: left };
}

/** Whether the children are to outlive the MCPServer; asked of the spec as it is, which may be invalid. */
export function isOrphaning({ spec }: Pick<MCPServerObject, 'spec'>): boolean {
  return spec.deletionPolicy === 'Orphan';
}

/** The object the operator applies for a rendered manifest: the same, plus its own marks. */
export function withOwner(manifest: Manifest, server: MCPServerObject): Manifest {
  const { name, uid } = server.metadata;
  const marked: Manifest = {
    ...manifest,
    metadata: {
      ...manifest.metadata,
      annotations: { ...manifest.metadata.annotations, [OWNER_ANNOTATION]: ownerMark(server) },
      // Without blockOwnerDeletion: it would need a permission on the owner's finalizers where that is enforced.
      ...(!isOrphaning(server) && { ownerReferences: [{ apiVersion: API_VERSION, kind: KIND, name, uid, controller: true }] }),
    },
  };
  const hash = fingerprint(marked);
  return {
    ...marked,
    metadata: { ...marked.metadata, annotations: { ...marked.metadata.annotations, [APPLIED_HASH_ANNOTATION]: hash } },
  };
}

function ownerMark({ metadata }: MCPServerObject): string {
  return `${metadata.namespace}/${metadata.name}/${metadata.uid}`;
}
