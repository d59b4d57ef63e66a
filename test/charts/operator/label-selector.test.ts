// Label selectors are read as the API server reads them, and it is told which of them may select the same.
import { array, assert, constantFrom, oneof, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { labelSelectorProblem, matchesLabels, mayOverlap, parseLabelSelector } from '../../../charts/operator/label-selector.ts';

const matches = (text: string, labels?: Record<string, string>): boolean => matchesLabels(parseLabelSelector(text), labels);
const overlap = (one: string, other: string): boolean => mayOverlap(parseLabelSelector(one), parseLabelSelector(other));

describe('a label selector', () => {
  it.each<[string, Record<string, string> | undefined, boolean]>([
    ['shard=blue', { shard: 'blue' }, true],
    ['shard == blue', { shard: 'blue' }, true],
    ['shard=blue', { shard: 'green' }, false],
    ['shard=blue', {}, false],
    ['shard=', { shard: '' }, true],
    ['shard!=blue', { shard: 'green' }, true],
    ['shard!=blue', undefined, true],
    ['shard', { shard: '' }, true],
    ['shard', { other: '' }, false],
    ['!shard', { other: '' }, true],
    ['! shard', { shard: 'a' }, false],
    ['shard in (blue, green)', { shard: 'green' }, true],
    ['shard in (blue)', {}, false],
    ['shard notin (blue,green)', {}, true],
    ['shard notin (blue,green)', { shard: 'blue' }, false],
    ['example.com/shard in (a,b),!paused, tier != x', { 'example.com/shard': 'b', tier: 'y' }, true],
    ['example.com/shard in (a,b),!paused', { 'example.com/shard': 'b', paused: '' }, false],
    ['shard=blue,shard=green', { shard: 'blue' }, false],
  ])('%s of %j: %s', (text, labels, expected) => {
    expect(matches(text, labels)).toBe(expected);
  });

  it.each([
    ['', 'it names no label: use KEY, '],
    ['a=b,', '"" is no requirement of a label: use KEY, '],
    ['a>5', '"a>5" is no requirement of a label: use KEY, '],
    ['a b', '"a b" is no requirement of a label'],
    ['a in b', '"a in b" is no requirement of a label'],
    ['a in (b', '"a in (b" is no requirement of a label'],
    ['-a=b', '"-a" in "-a=b" is no key of a label'],
    ['UP/a=b', '"UP/a" in "UP/a=b" is no key of a label'],
    ['k'.repeat(64), 'is no key of a label'],
    ['a=b c', '"a=b c" is no requirement of a label'],
    ['a=-b', '"-b" in "a=-b" is no value of a label'],
    [`a=${'v'.repeat(64)}`, 'is no value of a label'],
  ])('is refused as %j, with what is wrong', (text, problem) => {
    expect(labelSelectorProblem(text)).toContain(problem);
  });
});

describe('two label selectors', () => {
  it.each([
    ['shard=blue', 'shard=green', false],
    ['shard=blue', 'shard=blue', true],
    ['shard=blue', 'team=a', true],
    ['shard in (a,b)', 'shard in (b,c)', true],
    ['shard in (a,b)', 'shard in (c)', false],
    ['shard in (a,b)', 'shard notin (a,b)', false],
    ['shard in (a,b)', 'shard notin (a)', true],
    ['shard', '!shard', false],
    ['shard!=a', '!shard', true],
    ['shard!=a', 'shard!=b', true],
    ['shard=a', '!shard', false],
    ['shard=a,team=x', 'shard=a,team=y', false],
  ])('%s and %s may select the same: %s', (one, other, expected) => {
    expect([overlap(one, other), overlap(other, one)]).toEqual([expected, expected]);
  });

  it('that no labels tell apart are never said to be disjoint', () => {
    const key = constantFrom('a', 'b');
    const value = constantFrom('x', 'y', 'z');
    const requirement = oneof(
      key, key.map((k) => `!${k}`), tuple(key, value).map(([k, v]) => `${k}=${v}`), tuple(key, value).map(([k, v]) => `${k}!=${v}`),
      tuple(key, value, value).map(([k, v, w]) => `${k} in (${v},${w})`), tuple(key, value, value).map(([k, v, w]) => `${k} notin (${v},${w})`),
    );
    const selector = array(requirement, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(','));
    const values = [undefined, 'x', 'y', 'z', 'other'];
    const all = values.flatMap((a) => values.map((b) => ({ ...(a !== undefined && { a }), ...(b !== undefined && { b }) })));
    assert(property(selector, selector, (one, other) => {
      expect(overlap(one, other)).toBe(all.some((labels) => matches(one, labels) && matches(other, labels)));
    }));
  });
});
