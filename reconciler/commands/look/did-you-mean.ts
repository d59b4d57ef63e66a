// Which of the names that exist a mistyped one is meant to be. Pure.

/** Names are compared up to so many: a namespace may hold thousands. */
const MOST_NAMES = 1000;
/** More mistakes make another name. */
const MOST_MISTAKES = 3;

/** ` Did you mean X?` for the nearest name; empty where none is near. */
export function didYouMean(name: string, names: readonly string[]): string {
  const most = Math.min(MOST_MISTAKES, Math.max(1, Math.floor(name.length / 3)));
  const compared = names.slice(0, MOST_NAMES).map((each) => ({ each, distance: distanceOf(name, each, most) }));
  const near = compared.filter(({ distance }) => distance <= most);
  const [nearest] = near.toSorted((a, b) => a.distance - b.distance);
  return nearest === undefined ? '' : ` Did you mean ${nearest.each}?`;
}

/** Letters to add, drop, change or swap with their neighbour (Damerau, optimal string alignment); more than `most` is not counted out. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const change = at(last, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      next.push(Math.min(at(last, column) + 1, at(next, column - 1) + 1, change, isSwap ? at(before, column - 2) + 1 : Infinity));
    }
    // It only grows from row to row.
    if (next.every((distance) => distance > most)) return most + 1;
    [before, last] = [last, next];
  }
  return at(last, b.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Infinity;
}
