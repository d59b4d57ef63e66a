// A sample of the odd servers, always the same: some of each kind for each reason that the operator gives.
import type { OddServer } from './odd-server.ts';
import { ODD_KINDS } from './table.ts';

/** Of each kind for each reason: the first, the last and one between them. */
const PLACES: readonly number[] = [0, 0.5, 1];

/** A hundred or so of all that are in the table. */
export const SAMPLE: readonly OddServer[] = ODD_KINDS.flatMap(
  (kind) => [...Map.groupBy(kind, ({ says }) => says).values()].flatMap((servers) => spread(servers)),
);

function spread(servers: readonly OddServer[]): OddServer[] {
  const last = servers.length - 1;
  return [...new Set(PLACES.map((place) => Math.floor(place * last)))].flatMap((index) => servers[index] ?? []);
}
