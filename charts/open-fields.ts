// The open fields of a spec in the pod template: init containers, sidecars, and what is merged over all of it. The one place for
// it, after rendering, for typed objects drop what they do not know; the same in synth, operator and checks. Pure.
import { k8s } from 'cdk8s-plus-28';
import { OPEN_FIELDS } from './api/open-fields.ts';
import type { OpenContainer } from './api/open-values.ts';
import type { ResolvedSpec } from './api/spec.ts';
import { asStored } from './as-stored.ts';
import { NewerDeployment, type NewerDeploymentProps } from './newer-fields.ts';
import { hardened } from './security.ts';
import { strategicMerge, type Json, type JsonFields } from './strategic-merge.ts';
import type { Construct } from 'constructs';

/** Props of the Deployment. */
export interface OpenDeploymentProps extends NewerDeploymentProps {
  /** Whose open fields are merged into the pod template. */
  readonly server: ResolvedSpec;
}

/** A Deployment with all that the open fields say. */
export class OpenDeployment extends NewerDeployment {
  readonly #spec: ResolvedSpec;

  constructor(scope: Construct, id: string, { server, ...props }: OpenDeploymentProps) {
    super(scope, id, props);
    this.#spec = server;
  }

  /** The manifest, with the pod template as it is after the merge. */
  override toJson(): object {
    return withOpenFields(super.toJson(), this.#spec);
  }
}

/** The manifest of a Deployment, in place, with all that the open fields say. */
export function withOpenFields(deployment: object, spec: ResolvedSpec): object {
  const manifest = deployment as { readonly spec: { template: JsonFields } };
  manifest.spec.template = mergedTemplate(manifest.spec.template, spec);
  return manifest;
}

/** The pod template that typed props become. */
export function openTemplate(props: k8s.PodTemplateSpec | undefined, spec: ResolvedSpec): JsonFields {
  return mergedTemplate(k8s.toJson_PodTemplateSpec(props) as JsonFields, spec);
}

function mergedTemplate(template: JsonFields, spec: ResolvedSpec): JsonFields {
  if (OPEN_FIELDS.every((field) => spec[field] === undefined)) return template;
  const own = (template['spec'] as { readonly initContainers?: readonly Json[] }).initContainers ?? [];
  const initContainers = [...own, ...initContainersOf(spec)];
  const rendered = initContainers.length === 0 ? template : { ...template, spec: { ...(template['spec'] as JsonFields), initContainers } };
  const merged = spec.podTemplate === undefined ? rendered : strategicMerge(rendered, plain(spec.podTemplate));
  return sorted(asStored(merged)) as JsonFields;
}

/** In the order written, sidecars last: each starts when those before it have ended, or run. */
function initContainersOf(spec: ResolvedSpec): JsonFields[] {
  const { initContainers = [], sidecars = [], securityProfile } = spec;
  const all: OpenContainer[] = [...initContainers, ...sidecars.map((container) => ({ ...container, restartPolicy: 'Always' }))];
  return all.map((container) => plain(hardened(container, securityProfile)));
}

/** As JSON has it: what is undefined is not there. */
function plain(value: object): JsonFields {
  return JSON.parse(JSON.stringify(value)) as JsonFields;
}

/** Keys in order, as the API server stores them, so that the bytes are the same wherever the spec comes from. */
function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value as JsonFields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([field, below]) => [field, sorted(below)]));
}
