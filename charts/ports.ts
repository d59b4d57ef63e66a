// The ports of a server: the MCP port, those the user adds, which the Service finds by name, and the one of a bridge for the kubelet.
import type { k8s } from 'cdk8s-plus-28';
import { HEALTH_PORT_NAME, PORT_NAME } from './api/labels.ts';
import { isBridged, servesHttp, type ResolvedServer } from './server.ts';

/** A port the container listens on. */
export interface ServerPort {
  readonly name: string;
  readonly port: number;
}

/** Every port clients may reach, that of MCP first, the others by number: their order in the spec means nothing. */
export function serverPorts(server: ResolvedServer): ServerPort[] {
  if (!servesHttp(server.spec)) return [];
  const { port, extraPorts = [] } = server.spec;
  return [{ name: PORT_NAME, port }, ...extraPorts.toSorted((one, other) => one.port - other.port)];
}

/** What a bridge listens on besides, unless the spec has that number. */
const HEALTH_PORT = 18_081;

/** Number of the port on which a bridge tells how it is, and what it counts. */
export function healthPort({ spec: { port, extraPorts = [] } }: ResolvedServer): number {
  const taken = new Set([port, ...extraPorts.map((extra) => extra.port)]);
  let number = HEALTH_PORT;
  while (taken.has(number)) number += 1;
  return number;
}

/** The ports of the container; undefined without one. */
export function containerPorts(server: ResolvedServer): k8s.ContainerPort[] | undefined {
  if (!servesHttp(server.spec)) return undefined;
  const health = isBridged(server.spec) ? [{ name: HEALTH_PORT_NAME, port: healthPort(server) }] : [];
  return [...serverPorts(server), ...health].map(({ name, port }) => ({ name, containerPort: port, protocol: 'TCP' }));
}
