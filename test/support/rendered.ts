// Renders a spec for a test and hands out its objects by kind, loosely typed: tests look at what the API server would get.
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import { CONTAINER_NAME } from '../../charts/api/labels.ts';
import type { MCPServerManifest } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { render, type Manifest } from '../../charts/render.ts';

/** An environment variable as rendered. */
export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: Record<string, Record<string, unknown>>;
}

/** The parts of the container that tests reach into. */
export interface Container {
  readonly env: EnvVar[];
  readonly resources: { readonly requests: Record<string, string>; readonly limits: Record<string, string> };
  readonly securityContext?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

/** The parts of the pod that tests reach into. */
export interface PodSpec {
  readonly containers: [Container];
  readonly securityContext?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

/** The Deployment as rendered. */
export interface Deployment extends Manifest {
  readonly spec: {
    readonly replicas: number;
    readonly selector: { readonly matchLabels: Record<string, string> };
    readonly template: {
      readonly metadata: { readonly labels: Record<string, string>; readonly annotations?: Record<string, string> };
      readonly spec: PodSpec;
    };
    readonly [field: string]: unknown;
  };
}

/** Everything rendered for one MCPServer. */
export interface Rendered {
  readonly manifests: Manifest[];
  readonly kinds: string[];
  readonly deployment: Deployment;
  readonly pod: PodSpec;
  readonly container: Container;
  /** The rendered object of a kind, or undefined. */
  readonly find: (kind: string) => Manifest | undefined;
}

/** The smallest valid spec. */
export const MINIMAL: MCPServerSpec = { image: 'example.com/server:1' };

/** An MCPServer manifest named `demo` in namespace `tools`. */
export function mcpServer(spec: MCPServerSpec, metadata: Partial<MCPServerManifest['metadata']> = {}): MCPServerManifest {
  return { apiVersion: API_VERSION, kind: KIND, metadata: { name: 'demo', namespace: 'tools', ...metadata }, spec };
}

/** Renders an MCPServer named `demo`: the smallest one with the given fields on top. */
export function renderSpec(spec: Partial<MCPServerSpec> = {}): Rendered {
  return rendered(render(mcpServer({ ...MINIMAL, ...spec })));
}

/** Manifests of one MCPServer, by kind. */
export function rendered(manifests: Manifest[]): Rendered {
  const find = (kind: string): Manifest | undefined => manifests.find((manifest) => manifest.kind === kind);
  const deployment = find('Deployment') as Deployment;
  const pod = deployment.spec.template.spec;
  const container = pod.containers.find((each) => each['name'] === CONTAINER_NAME) ?? pod.containers[0];
  return { manifests, kinds: manifests.map(({ kind }) => kind), deployment, pod, container, find };
}
