// An MCPServer with every default filled in: what all renderers take.
import type { ApiObjectMetadata } from 'cdk8s';
import type { ResolvedSpec } from './api/spec.ts';
import { commonLabels, configMapName } from './api/labels.ts';
import { DEFAULT_STDIO } from './api/stdio-fields.ts';
import { namesProgram } from './api/stdio-rules.ts';
import type { RenderSettings } from './settings.ts';

/** A valid MCPServer, ready to be rendered. */
export interface ResolvedServer {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly spec: ResolvedSpec;
  /** @default DEFAULT_SETTINGS */
  readonly settings?: RenderSettings | undefined;
}

/** Whether it speaks stdio, and a bridge in its pod serves it over HTTP. */
export function isBridged({ transport, command }: Pick<ResolvedSpec, 'transport' | 'command'>): boolean {
  return transport === 'stdio' && namesProgram({ command });
}

/** Whether its sessions live in one pod each, so that its bridges pass on what reaches the wrong one. */
export function hasPeers({ stdio = DEFAULT_STDIO, ...spec }: Pick<ResolvedSpec, 'transport' | 'command' | 'stdio'>): boolean {
  return isBridged(spec) && stdio.sessions === 'PerSession';
}

/** Name of the Service by which its bridges find each other. */
export function peersName({ name }: Pick<ResolvedServer, 'name'>): string {
  return `${name}-mcp-peers`;
}

/** Whether clients reach it over HTTP: it has a port, a Service and probes. All but stdio servers stored before they had to name their command. */
export function servesHttp(spec: Pick<ResolvedSpec, 'transport' | 'command'>): boolean {
  return spec.transport !== 'stdio' || isBridged(spec);
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
