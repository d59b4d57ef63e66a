// The seam between the construct and everything that needs plain manifests: synth, operator and the render command.
import type { Chart } from 'cdk8s';
import { InvalidMCPServerError, resolveSpec, type MCPServerManifest, type ResolveOptions } from './api/mcpserver.ts';
import { manifestsOf } from './manifests.ts';
import { MCPServer } from './mcpserver.ts';
import type { ResolvedServer } from './server.ts';
import { resolveSettings, type RenderSettings } from './settings.ts';

/** A rendered Kubernetes object. */
export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller: boolean }[];
  };
  [field: string]: unknown;
}

/** Whether a value has what every manifest has. */
export function isManifest(value: unknown): value is Manifest {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<Manifest>;
  return typeof apiVersion === 'string' && typeof kind === 'string' && typeof metadata?.name === 'string';
}

/** What decides about rendering beside the spec: the settings of the installation, each with its default, and whether the spec is stored. */
export type RenderOptions = Partial<RenderSettings> & ResolveOptions;

/**
 * The objects of an MCPServer, in the order they should be applied. Pure: the same bytes for the same spec and settings.
 * @throws InvalidMCPServerError naming every problem; Error for a setting that cannot be meant.
 */
export function render(resource: MCPServerManifest, { stored = false, ...settings }: RenderOptions = {}): Manifest[] {
  const { metadata: { name, namespace }, spec } = resource;
  const resolvedSettings = resolveSettings(settings);
  refuseMisplaced(resource);
  return renderResolved({ name, namespace, spec: resolveSpec(name, spec, { stored }), settings: resolvedSettings });
}

/** The objects of an MCPServer whose spec is resolved, as of `render`. */
export function renderResolved(server: ResolvedServer): Manifest[] {
  return manifestsOf(server) as Manifest[];
}

/** In the construct's props these stand beside the fields of the spec; in a spec they are unknown fields. */
const MISPLACED: Readonly<Record<string, string>> = {
  name: 'unknown field: it belongs into metadata',
  namespace: 'unknown field: it belongs into metadata',
  bridgeImage: 'unknown field: it is stdio.bridge.image here',
  bridgeBy: 'unknown field: it is stdio.bridge.by here',
};

/**
 * Adds an MCPServer manifest to a chart, where it becomes what `render` makes of it.
 * @throws InvalidMCPServerError naming every problem.
 */
export function addToChart(chart: Chart, manifest: MCPServerManifest): MCPServer {
  const { metadata, spec } = manifest;
  refuseMisplaced(manifest);
  return new MCPServer(chart, metadata.name, { ...spec, name: metadata.name, namespace: metadata.namespace });
}

function refuseMisplaced({ metadata, spec }: MCPServerManifest): void {
  const misplaced = Object.keys(MISPLACED).filter((key) => Object.hasOwn(spec ?? {}, key));
  if (misplaced.length > 0) {
    throw new InvalidMCPServerError(metadata.name, misplaced.map((key) => ({ field: `spec.${key}`, message: MISPLACED[key] ?? '' })));
  }
}
