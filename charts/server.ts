// An MCPServer with every default filled in: what all renderers take.
import type { ApiObjectMetadata } from 'cdk8s';
import type { ResolvedSpec } from './api/spec.ts';
import { commonLabels } from './api/labels.ts';

/** A valid MCPServer, ready to be rendered. */
export interface ResolvedServer {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly spec: ResolvedSpec;
}

/** Whether the server has a port, a Service and probes. */
export function servesHttp({ spec }: ResolvedServer): boolean {
  return spec.transport !== 'stdio';
}

/** Metadata of an object rendered for the server; its name defaults to the server's. */
export function objectMetadata({ name, namespace, spec }: ResolvedServer, objectName = name): ApiObjectMetadata {
  return { name: objectName, ...(namespace !== undefined && { namespace }), labels: commonLabels(name, spec.transport) };
}
