// The seam between the construct and everything that needs plain manifests: synth, operator and the render command.
import { App, Chart } from 'cdk8s';
import { InvalidMCPServerError, type MCPServerManifest, type ResolveOptions } from './api/mcpserver.ts';
import { MCPServer, STORED } from './mcpserver.ts';

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

/**
 * The objects of an MCPServer, in the order they should be applied. Pure: the same bytes for the same spec.
 * @throws InvalidMCPServerError naming every problem.
 */
export function render(resource: MCPServerManifest, { stored = false }: ResolveOptions = {}): Manifest[] {
  // A fresh App per call: toJson validates a whole App, and a shared one would grow with every server.
  const chart = new Chart(new App(), 'render');
  if (stored) chart.node.setContext(STORED, true);
  addToChart(chart, resource);
  return chart.toJson() as Manifest[];
}

/**
 * Adds an MCPServer manifest to a chart: what both `render` and `cdk8s synth` do with one.
 * @throws InvalidMCPServerError naming every problem.
 */
export function addToChart(chart: Chart, { metadata, spec }: MCPServerManifest): MCPServer {
  // In the construct's props these two stand beside the fields of the spec; in a spec they are unknown fields.
  const misplaced = ['name', 'namespace'].filter((key) => Object.hasOwn(spec ?? {}, key));
  if (misplaced.length > 0) {
    throw new InvalidMCPServerError(metadata.name, misplaced.map((key) => ({ field: `spec.${key}`, message: 'unknown field: it belongs into metadata' })));
  }
  return new MCPServer(chart, metadata.name, { ...spec, name: metadata.name, namespace: metadata.namespace });
}
