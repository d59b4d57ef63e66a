// Whoever refuses in other words each time is told once; in words that last, a few times.
import { expect, it } from 'vitest';
import { MOST_WORDINGS, nextWording, type Wording } from '../../../reconciler/children/wordings.ts';

/** Letters alone: numbers and ids are folded anyway. */
const WORDS = ['ash', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple', 'oak', 'pine', 'rowan', 'yew'];

function wording(message: string, more: Partial<Wording> = {}): Wording {
  return { attempt: 'a', group: 'Webhook/w', obstacle: { reason: 'PolicyRefused', message, stalled: true }, ...more };
}

/** The words told after each of these. */
function told(wordings: readonly Wording[]): string[] {
  let before: Wording | undefined;
  return wordings.map((now) => (before = nextWording(before, now)).obstacle.message);
}

const twice = (words: readonly string[]): string[] => words.flatMap((word) => [word, word]);

it('words that are others each time are not told after the first', () => {
  expect(new Set(told([...WORDS, ...WORDS].map((word) => wording(word))))).toEqual(new Set(['ash']));
});

it('words that differ in times and ids alone are the same', () => {
  const same = Array.from({ length: 50 }, (_, index) => `at 12:00:${String(index).padStart(2, '0')}, request id ${index}f${index}`);
  expect(new Set(told(same.map((message) => wording(message))))).toEqual(new Set(same.slice(0, 1)));
});

it('other words are told when they are said again', () => {
  expect(told(['ash', 'elm', 'elm', 'elm'].map((word) => wording(word)))).toEqual(['ash', 'ash', 'elm', 'elm']);
  expect(told(['ash', 'elm', 'ash', 'elm'].map((word) => wording(word)))).toEqual(['ash', 'ash', 'ash', 'ash']);
});

it('those of another refuser are told at once', () => {
  expect(told([wording('ash'), wording('elm', { group: 'Policy/p' })])).toEqual(['ash', 'elm']);
});

it.each([
  ['words that are each said twice', twice(WORDS).map((word) => wording(word))],
  ['two refusers by turns', twice(WORDS).map((word, index) => wording(index % 2 === 0 ? 'ash' : 'elm', { group: `Webhook/${index % 2}` }))],
])('%s are told so often, then the last ones stand', (_what, wordings) => {
  const all = told(wordings);
  expect(all.filter((word, index) => index > 0 && word !== all[index - 1]).length).toBe(MOST_WORDINGS);
  expect(new Set(all.slice(-4)).size).toBe(1);
});

it.each<[string, Partial<Wording>]>([
  ['another attempt', { attempt: 'b' }],
  ['another reason', { obstacle: { reason: 'QuotaExceeded', message: 'full', stalled: false } }],
])('%s is told whatever was said before, and begins anew', (_what, more) => {
  const before = twice(WORDS).map((word) => wording(word));
  const obstacle = more.obstacle ?? wording('').obstacle;
  const after = ['full', ...twice(WORDS)].map((message) => wording(message, { ...more, obstacle: { ...obstacle, message } }));
  expect(told([...before, ...after]).slice(before.length)).toEqual(told(after));
});

it('what is told besides the words is that of the last attempt', () => {
  const { obstacle } = nextWording(wording('ash'), wording('elm', { obstacle: { reason: 'PolicyRefused', message: 'elm', stalled: true } }));
  expect(obstacle).toEqual({ reason: 'PolicyRefused', message: 'ash', stalled: true });
});
