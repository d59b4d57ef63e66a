import { describe, expect, it } from 'vitest';
import { Matching } from '../../../reconciler/children/matching.ts';
import { isCollected } from '../../support/garbage.ts';

type Metadata = Parameters<Matching['note']>[0]['metadata'];

const METADATA: Metadata = { name: 'a', uid: 'uid-1', resourceVersion: '10', generation: 2, annotations: { owner: 'x' }, labels: { team: 'a' } };

function noted(metadata: Metadata = METADATA): Matching {
  const matching = new Matching();
  matching.note({ metadata });
  return matching;
}

describe('what is known of a version of a child', () => {
  it('holds for that version, whatever the API server counts', () => {
    const { generation: _, ...uncounted } = METADATA;
    expect(noted().has({ metadata: METADATA })).toBe(true);
    expect(noted(uncounted).has({ metadata: uncounted })).toBe(true);
  });

  it('holds for later versions in which only the status moved, or what its controller counts', () => {
    const matching = noted();
    expect(matching.has({ metadata: { ...METADATA, resourceVersion: '11' } })).toBe(true);
    const counted = { ...METADATA.annotations, 'deployment.kubernetes.io/revision': '3' };
    expect(matching.has({ metadata: { ...METADATA, resourceVersion: '12', annotations: counted } })).toBe(true);
  });

  it.each<[string, Partial<Metadata>]>([
    ['the spec', { generation: 3 }],
    ['an annotation', { annotations: { owner: 'y' } }],
    ['a label', { labels: {} }],
    ['its owner', { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'b', uid: 'uid-2' }] }],
    ['the object itself', { uid: 'uid-3' }],
  ])('does not hold once %s is another', (_, changed) => {
    expect(noted().has({ metadata: { ...METADATA, resourceVersion: '11', ...changed } })).toBe(false);
  });

  it('does not hold for other versions of what has no generation, nor for anything once it is forgotten', () => {
    const { generation: _, ...uncounted } = METADATA;
    expect(noted(uncounted).has({ metadata: { ...uncounted, resourceVersion: '11' } })).toBe(false);
    const matching = noted();
    matching.clear();
    expect(matching.has({ metadata: METADATA })).toBe(false);
  });

  it('keeps nothing of what a write returned but what tells versions apart, and shares that with the cache', async () => {
    const matching = new Matching();
    const written = (): readonly [WeakRef<object>, WeakRef<object>] => {
      const managedFields = [{ manager: 'x', operation: 'Apply' }];
      const labels = { team: 'a' };
      matching.note({ metadata: { ...METADATA, labels, managedFields } });
      return [new WeakRef(managedFields), new WeakRef(labels)];
    };
    const [fields, labels] = written();
    expect(await isCollected(fields)).toBe(true);
    expect(matching.has({ metadata: METADATA })).toBe(true);
    expect(await isCollected(labels)).toBe(true);
    expect(matching.has({ metadata: { ...METADATA, resourceVersion: '11' } })).toBe(true);
  });
});
