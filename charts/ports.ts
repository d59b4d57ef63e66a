// The ports of a server: the MCP port and those the user adds. The Service finds all of them by name.
import { PORT_NAME } from './api/labels.ts';
import { servesHttp, type ResolvedServer } from './server.ts';

/** A port the container listens on. */
export interface ServerPort {
  readonly name: string;
  readonly port: number;
}

/** Every port, that of MCP first, the others by number: their order in the spec means nothing. None for a stdio server. */
export function serverPorts(server: ResolvedServer): ServerPort[] {
  if (!servesHttp(server)) return [];
  const { port, extraPorts = [] } = server.spec;
  return [{ name: PORT_NAME, port }, ...extraPorts.toSorted((one, other) => one.port - other.port)];
}
