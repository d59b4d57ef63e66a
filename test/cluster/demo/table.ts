// The table of MCPServers `npm start` shows: who is there, and of the others what they wait for and what mends them. Pure.
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { mendingOf, typed } from './mending.ts';
import { isReady, nameOf, readyOf } from './readiness.ts';
import { cutLine, cutText, plainLine, wrapText, type Line, type Span, type Style } from './spans.ts';

/** An MCPServer, and where it is reached from this machine. */
export interface Listed {
  readonly server: MCPServerObject;
  readonly url: string | undefined;
}

const INDENT = '  ';
/** A longer name leaves no room for the rest at 80 columns. */
const LONGEST_NAME = 24;
/** With as many columns there is room for what a server says it is. */
const WIDE = 120;

/**
 * A header, a row for each MCPServer by name, and below the row of one that is not Ready what it waits for, in `messageLines`
 * lines at most, and the command that mends it, uncut.
 */
export function table(listed: readonly Listed[], width: number, messageLines = 4): Line[] {
  const sorted = listed.toSorted((a, b) => (nameOf(a.server) < nameOf(b.server) ? -1 : 1));
  const names = shortNames(sorted.map(({ server }) => server));
  const header = ['NAME', 'PHASE', 'PODS', 'REASON', 'URL ON THIS MACHINE', ...(width >= WIDE ? ['SERVES'] : [])];
  const rows = sorted.map((each, index) => cells(each, names[index] ?? '').slice(0, header.length));
  const widths = header.map((title, column) => Math.max(...[title, ...rows.map((row) => row[column] ?? '')].map((text) => text.length)));
  const aligned = (row: readonly string[]): string[] => {
    const last = row.findLastIndex((cell) => cell !== '');
    return row.slice(0, last + 1).map((cell, column) => (column === last ? cell : `${cell.padEnd(widths[column] ?? 0)}${INDENT}`));
  };
  const head = cutLine([{ text: `${INDENT}${aligned(header).join('')}`, style: 'faint' }], width);
  return [head, ...sorted.flatMap(({ server }, index) => [
    cutLine(painting(server, aligned(rows[index] ?? [])), width),
    ...explanation(server, width, messageLines),
  ])];
}

/** One line about one MCPServer, for where there is no terminal. */
export function logLine({ server, url }: Listed): string {
  const [, phase = '', pods = ''] = cells({ server, url }, '');
  const mending = mendingOf(server);
  const rest = isReady(server) ? [url ?? ''] : [`${waitingFor(server)}${mending === undefined ? '' : ` Mend it: kubectl ${typed(mending)}`}`];
  return [nameOf(server), phase, pods, ...rest].filter((cell) => cell !== '').join(' ');
}

/** What an MCPServer that is not Ready waits for, in a sentence. */
function waitingFor(server: MCPServerObject): string {
  const ready = readyOf(server);
  return ready === undefined ? 'the operator has not looked at it yet' : `${ready.reason}: ${ready.message}`;
}

/** Names alone, where no two are alike. */
function shortNames(servers: readonly MCPServerObject[]): string[] {
  const isUnique = new Set(servers.map(({ metadata }) => metadata.name)).size === servers.length;
  return servers.map((server) => cutText(isUnique ? server.metadata.name : nameOf(server), LONGEST_NAME));
}

function cells({ server, url }: Listed, name: string): string[] {
  const { spec, status } = server;
  const pods = `${status?.readyReplicas ?? 0}/${spec.autoscaling === undefined ? (spec.replicas ?? 1) : (status?.replicas ?? 0)}`;
  const { name: its = '', version = '', protocolVersions = [] } = status?.server ?? {};
  const serves = [[its, version].filter((each) => each !== '').join(' '), protocolVersions[0] ?? ''].filter((each) => each !== '').join(', ');
  const [where, what] = isReady(server) ? [url ?? '', serves] : ['', ''];
  return [name, status?.phase ?? 'Pending', pods, readyOf(server)?.reason ?? '', where, what];
}

function styleOf(server: MCPServerObject): Style {
  if (isReady(server)) return 'good';
  // Where it is known what mends it, nothing is waited for.
  return server.status?.phase === 'Failed' || mendingOf(server) !== undefined ? 'bad' : 'waiting';
}

/** The mark says the same as the colour. */
const MARKS: Readonly<Partial<Record<Style, string>>> = { good: '✔ ', bad: '✖ ', waiting: '… ' };

function painting(server: MCPServerObject, row: readonly string[]): Line {
  const style = styleOf(server);
  const [name = '', phase = '', pods = '', reason = '', ...rest] = row;
  const head: Span[] = [{ text: MARKS[style] ?? '', style }, { text: name, style: 'strong' }, { text: phase, style }];
  return [...head, { text: pods }, { text: reason, style }, { text: rest.join('') }];
}

function explanation(server: MCPServerObject, width: number, most: number): Line[] {
  if (isReady(server)) return [];
  const message = readyOf(server)?.message ?? waitingFor(server);
  // No more of it than can be shown: it may have thousands of characters.
  const lines = wrapText(message.slice(0, width * (most + 1)), width - INDENT.length);
  const last = cutText(lines.slice(most - 1).join(' '), width - INDENT.length);
  const shown = lines.length <= most ? lines : [...lines.slice(0, most - 1), last];
  const mending = mendingOf(server);
  const command: Line[] = mending === undefined ? [] : [[{ text: `${INDENT}mend it: `, style: 'faint' }, { text: `kubectl ${typed(mending)}`, style: 'strong' }]];
  return [...shown.map((text) => plainLine(`${INDENT}${text}`)), ...command];
}
