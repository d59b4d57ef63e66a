// An MCPServer with every default filled in: what all renderers take.
import type { ApiObjectMetadata } from 'cdk8s';
import type { ResolvedSpec } from './api/spec.ts';
import { commonLabels, configMapName } from './api/labels.ts';

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

/** Name of the ConfigMap that holds the configuration. */
export function configMapNameOf({ name, spec }: ResolvedServer): string {
  return spec.configAs?.configMapName ?? configMapName(name);
}

/** What an object rendered for the server is called and labelled, beside what is said of all. */
interface ObjectNaming {
  /** Default: the server's name. */
  readonly name?: string;
  /** Whose own labels and annotations the spec may name. */
  readonly of?: Exclude<keyof NonNullable<ResolvedSpec['metadata']>, 'all'>;
  /** Annotations that win over those. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Metadata of an object rendered for the server: no label of the user's is one of the operator's. */
export function objectMetadata(server: ResolvedServer, naming: ObjectNaming = {}): ApiObjectMetadata {
  const { name = server.name, of, annotations: more } = naming;
  const { namespace, spec: { metadata = {}, transport } } = server;
  const own = of === undefined ? undefined : metadata[of];
  const annotations = { ...metadata.all?.annotations, ...own?.annotations, ...more };
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: { ...metadata.all?.labels, ...own?.labels, ...commonLabels(server.name, transport) },
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
}
