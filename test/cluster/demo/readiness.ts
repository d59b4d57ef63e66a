// What the demonstration reads of an MCPServer's status: whether it is Ready, and whether all is as it is to be. Pure.
import type { Condition } from '../../../charts/api/status.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { BROKEN_ON_PURPOSE } from './examples.ts';

/** The condition Ready of the generation it has now; undefined until the operator has seen that. */
export function readyOf({ metadata, status }: MCPServerObject): Condition | undefined {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.observedGeneration === metadata.generation ? ready : undefined;
}

/** Whether an MCPServer is Ready in the generation it has now. */
export function isReady(server: MCPServerObject): boolean {
  return readyOf(server)?.status === 'True';
}

/** Whether it is the one that is broken on purpose, and its status says what is wrong. */
export function isBrokenAsMeant(server: MCPServerObject): boolean {
  return nameOf(server) === BROKEN_ON_PURPOSE && readyOf(server)?.reason === 'WrongPath';
}

/** Whether the demonstration is up: every MCPServer is Ready, but for the one that is broken on purpose, which says so. */
export function isUp(servers: readonly MCPServerObject[]): boolean {
  return servers.length > 0 && servers.every((server) => isReady(server) || isBrokenAsMeant(server));
}

/** `namespace/name`. */
export function nameOf({ metadata: { namespace, name } }: Pick<MCPServerObject, 'metadata'>): string {
  return `${namespace}/${name}`;
}
