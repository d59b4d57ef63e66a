// Whoever refuses may do so in other words each time, and each of them would be a write of the status: which words are told. Pure.
import { folded } from '../../kubernetes/text.ts';
import type { Obstacle } from '../status/situation.ts';

/** So often the words for one obstacle are replaced; then the last ones stand until something else is tried, or stands in the way. */
export const MOST_WORDINGS = 5;

/** What came of an attempt, in the words that are told. */
export interface Wording {
  /** Stands for what was tried. */
  readonly attempt: string;
  /** Who refused; undefined: nobody knows. */
  readonly group: string | undefined;
  readonly obstacle: Obstacle;
  /** How often the words were replaced. Default 0. */
  readonly replaced?: number;
  /** Other words that were said last and not told, for comparing. */
  readonly heard?: string | undefined;
}

/** The wording after one more attempt has failed. Other words of the same refuser are told once they are said twice in a row. */
export function nextWording(before: Wording | undefined, now: Wording): Wording {
  if (before?.attempt !== now.attempt || before.obstacle.reason !== now.obstacle.reason) return now;
  const { group, replaced = 0, obstacle: { message } } = before;
  const heard = folded(now.obstacle.message);
  const kept = { ...now, group, replaced, obstacle: { ...now.obstacle, message } };
  if (heard === folded(message)) return kept;
  const isTold = replaced < MOST_WORDINGS && (group !== now.group || before.heard === heard);
  return isTold ? { ...now, replaced: replaced + 1 } : { ...kept, heard };
}
