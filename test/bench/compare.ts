// Two results of the same benchmark side by side: what a change did.
import { readFile } from 'node:fs/promises';
import type { Row } from './table.ts';

interface Result {
  readonly name: string;
  readonly rows: readonly Row[];
}

/** The numbers of the rows that both have, and the second as a ratio to the first. Throws when they are of different benchmarks. */
export async function compare(first: string, second: string): Promise<Row[]> {
  const [before, after] = await Promise.all([first, second].map(async (file) => JSON.parse(await readFile(file, 'utf8')) as Result));
  if (before === undefined || after === undefined || before.name !== after.name) throw new Error(`${first} and ${second} are of different benchmarks`);
  return before.rows.flatMap((row) => {
    const column = Object.keys(row)[0] ?? '';
    const name = row[column];
    const other = after.rows.find((each) => each[column] === name);
    if (other === undefined) return [];
    return Object.keys(row).flatMap((each) => compared({ column: each, name: String(name) }, [row[each], other[each]]));
  });
}

type Values = readonly [before: string | number | undefined, after: string | number | undefined];

function compared(what: { readonly column: string; readonly name: string }, [before, after]: Values): Row[] {
  if (typeof before !== 'number' || typeof after !== 'number') return [];
  return [{ ...what, before, after, ratio: before === 0 ? '' : (after / before).toFixed(2) }];
}
