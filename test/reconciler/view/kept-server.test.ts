import { describe, expect, it } from 'vitest';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { keptServer } from '../../../reconciler/view/kept-fields.ts';

function serverWith(annotations: object, labels: object = {}): MCPServerObject {
  return { metadata: { name: 'a', namespace: 'n', uid: 'u', annotations, labels }, spec: { image: 'i' } } as unknown as MCPServerObject;
}

describe('the kept MCPServer', () => {
  it('is as it was, where its annotations and labels are of some size', () => {
    const small = serverWith({ a: 'x'.repeat(8000) });
    expect(keptServer(small)).toBe(small);
  });

  it('tells of great ones only whether they changed', () => {
    const many = Object.fromEntries(Array.from({ length: 40_000 }, (_, index) => [`k${index}`, '']));
    const all = [serverWith(many), serverWith(many), serverWith({ ...many, k7: '1' }), serverWith({}, many)];
    const [first, same, other, labelled] = all.map(keptServer);
    expect(JSON.stringify(first).length).toBeLessThan(300);
    expect(first).toEqual(same);
    expect([other, labelled]).not.toContainEqual(first);
    expect(first).toMatchObject({ metadata: { name: 'a', namespace: 'n', uid: 'u' }, spec: { image: 'i' } });
  });
});
