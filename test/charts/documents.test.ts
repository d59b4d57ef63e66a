import { describe, expect, it } from 'vitest';
import { parseDocuments } from '../../charts/documents.ts';

/** Thirty lines, of which each is twice the one before. */
function doubled(twice: (alias: string) => string): string {
  return Array.from({ length: 30 }, (_each, index) => `a${index + 1}: &a${index + 1} ${twice(`*a${index}`)}\n`).join('');
}

describe('a text of YAML documents', () => {
  it('is its values with their places, empty documents included', () => {
    expect(parseDocuments('a: 1\n---\n---\n- x\n', 'f.yaml')).toMatchObject([
      { value: { a: 1 }, where: 'f.yaml, document 1' },
      { value: null, where: 'f.yaml, document 2' },
      { value: ['x'], where: 'f.yaml, document 3' },
    ]);
  });

  it('has the values that kubectl reads: see yaml-text.cluster.test.ts', () => {
    expect(parseDocuments('a: yes\nb: 0o17\nc: &c {d: 1}\ne: {<<: *c}\n', 'f.yaml')).toMatchObject([{ value: { a: true, b: 15, e: { d: 1 } } }]);
  });

  it.each<[string, string, string]>([
    ['aliases that multiply', `a0: &a0 [x]\n${doubled((name) => `[${name}, ${name}]`)}`, 'Excessive alias count'],
    ['merges that multiply', `a0: &a0 {x: 1}\n${doubled((name) => `{<<: [${name}, ${name}]}`)}`, 'Excessive alias count'],
    ['a map that merges itself', 'a: &a {<<: *a}\n', 'Excessive alias count'],
    ['an alias within what it stands for', 'a: &a [*a]\n', 'an alias stands within what it stands for'],
    ['an alias of nothing', 'a: *b\n', 'Unresolved alias'],
    ['a merged text', 'a: {<<: x}\n', 'what << merges must be a map, or a list of maps'],
    ['a key that stands twice', 'a: {b: 1, b: 2}\n', 'Map keys must be unique'],
  ])('with %s is refused', (_what, text, message) => {
    expect(() => parseDocuments(text, 'f.yaml')).toThrow(`f.yaml, document 1: ${message}`);
  });

  it('that is no YAML is refused with the number of the document', () => {
    expect(() => parseDocuments('a: 1\n---\na: [\n', 'f.yaml')).toThrow(/^f\.yaml, document 2: /);
  });
});
