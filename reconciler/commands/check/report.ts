// What `check` prints: a line for each thing, with what to do below it, or one JSON object. Pure.
import { plain } from '../../../kubernetes/text.ts';
import { wrapped } from '../wrapped.ts';
import type { Check } from './check.ts';

const MARKS: Readonly<Record<Check['result'], string>> = { Passed: '✓', Warning: '!', Failed: '✗' };
const MOST_CHARACTERS = 1000;

/** Whether nothing failed. */
export function isWell(checks: readonly Check[]): boolean {
  return checks.every(({ result }) => result !== 'Failed');
}

/** For people, in 80 columns. */
export function checkText(checks: readonly Check[]): string {
  return checks.flatMap(({ result, message, advice }) => [
    wrapped(`${MARKS[result]} ${plain(message, MOST_CHARACTERS)}`, '  '),
    ...(advice === null ? [] : [wrapped(`→ ${plain(advice, MOST_CHARACTERS)}`, '  ')]),
  ]).map((line) => `${line}\n`).join('');
}

/** For programs. New keys may be added. */
export function checkJson(checks: readonly Check[]): string {
  return `${JSON.stringify({ well: isWell(checks), checks }, null, 2)}\n`;
}
