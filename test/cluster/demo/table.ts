// The table of MCPServers `npm start` shows: who is there yet, and what the others wait for. Pure.
import type { MCPServerObject } from '../../../reconciler/kinds.ts';

/** Whether an MCPServer is Ready in the generation it has now. */
export function isReady({ metadata, status }: MCPServerObject): boolean {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' && ready.observedGeneration === metadata.generation;
}

/** Rows of text, a header first, columns aligned; longer lines are cut at `width`. */
export function table(servers: readonly MCPServerObject[], width: number): string[] {
  const rows = servers.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).map(row);
  const all = [['NAME', 'PHASE', 'READY', 'ENDPOINT', 'WAITING FOR'], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0)));
  return all.map((cells) => {
    const line = cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd();
    return line.length > width ? `${line.slice(0, width - 1)}…` : line;
  });
}

/** One line about one MCPServer, for where there is no terminal. */
export function logLine(server: MCPServerObject): string {
  return row(server).filter((cell) => cell !== '-').join(' ');
}

function row(server: MCPServerObject): string[] {
  const { spec, status } = server;
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  const waitingFor = isReady(server) ? '-' : `${ready?.reason ?? 'the operator'}${ready === undefined ? '' : `: ${ready.message}`}`;
  return [nameOf(server), status?.phase ?? 'Pending', `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`, status?.endpoint ?? '-', waitingFor];
}

function nameOf({ metadata }: MCPServerObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
