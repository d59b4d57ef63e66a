// Which rows of the table are shown, and in which order. Pure.
import type { Row } from '../told.ts';

export const SORTS = ['state', 'name', 'reason', 'replicas', 'server', 'verdict'] as const;
export type Sort = (typeof SORTS)[number];

/** What the user chose; empty: all. */
export interface Filters {
  readonly text: string;
  readonly phase: string;
  readonly reason: string;
  readonly sort: Sort;
  readonly isReversed: boolean;
  readonly page: number;
}

export const NO_FILTERS: Filters = { text: '', phase: '', reason: '', sort: 'state', isReversed: false, page: 1 };
/** Rows that are drawn at a time. */
export const PAGE_ROWS = 50;

/** The rows that are meant, in order. */
export function chosen(rows: Iterable<Row>, { text, phase, reason, sort, isReversed }: Filters): Row[] {
  const words = text.toLowerCase().split(/\s+/).filter((word) => word !== '');
  const isOfPhase = (row: Row): boolean => phase === '' || (phase === NOT_READY ? row.ready !== 'True' : row.phase === phase);
  const hasWords = (row: Row): boolean => words.every((word) => textOf(row).includes(word));
  const meant = Array.from(rows).filter((row) => isOfPhase(row) && (reason === '' || row.reason === reason) && hasWords(row));
  const order = ORDERS[sort];
  const sign = isReversed ? -1 : 1;
  return meant.toSorted((a, b) => sign * order(a, b) || byName(a, b));
}

/** A choice among the phases that is none of them. */
export const NOT_READY = 'not Ready';

/** A part of the rows. */
export interface Paged {
  readonly rows: readonly Row[];
  readonly page: number;
  readonly pages: number;
}

/** The part of them on one page, and how many pages there are. */
export function paged(rows: readonly Row[], page: number): Paged {
  const pages = Math.max(1, Math.ceil(rows.length / PAGE_ROWS));
  const shown = Math.min(page, pages);
  return { rows: rows.slice((shown - 1) * PAGE_ROWS, shown * PAGE_ROWS), page: shown, pages };
}

/** How many there are of each value, the most first. */
export function counted(rows: Iterable<Row>, field: 'phase' | 'reason'): [string, number][] {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(row[field], (counts.get(row[field]) ?? 0) + 1);
  return [...counts].toSorted(([a, many], [b, more]) => more - many || compare(a, b));
}

const ORDERS: Readonly<Record<Sort, (a: Row, b: Row) => number>> = {
  // Those in trouble first.
  state: (a, b) => rank(a) - rank(b),
  name: byName,
  reason: (a, b) => compare(a.reason, b.reason),
  replicas: (a, b) => (a.readyReplicas - a.replicas) - (b.readyReplicas - b.replicas),
  server: (a, b) => compare(a.server ?? '~', b.server ?? '~') || compare(a.version ?? '', b.version ?? ''),
  verdict: (a, b) => compare(b.verdictSince ?? '', a.verdictSince ?? ''),
};

function rank({ phase, ready }: Row): number {
  const order = ['Failed', 'Pending', 'Updating', 'Terminating'].indexOf(phase);
  return ready === 'True' ? 9 : order < 0 ? 5 : order;
}

function byName(a: Row, b: Row): number {
  return compare(a.namespace, b.namespace) || compare(a.name, b.name);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function textOf({ key, phase, reason, message, endpoint, server, version }: Row): string {
  return [key, phase, reason, message, endpoint, server, version].join('\n').toLowerCase();
}
