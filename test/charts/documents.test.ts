import { describe, expect, it } from 'vitest';
import { parseDocuments } from '../../charts/documents.ts';

describe('a text of YAML documents', () => {
  it('is its values with their places, empty documents included', () => {
    expect(parseDocuments('a: 1\n---\n---\n- x\n', 'f.yaml')).toEqual([
      { value: { a: 1 }, where: 'f.yaml, document 1' },
      { value: null, where: 'f.yaml, document 2' },
      { value: ['x'], where: 'f.yaml, document 3' },
    ]);
  });

  it('that is no YAML is refused with the number of the document', () => {
    expect(() => parseDocuments('a: 1\n---\na: [\n', 'f.yaml')).toThrow(/^f\.yaml, document 2: /);
  });
});
