import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubernetesObject, ManagedFields } from '../../../kubernetes/objects.ts';
import { digestOf } from '../../../reconciler/references/digest.ts';

const entry = (fieldsV1: Required<ManagedFields>['fieldsV1'], more: Partial<ManagedFields> = {}): ManagedFields => ({
  manager: 'owner',
  operation: 'Update',
  time: '2030-01-01T00:00:00Z',
  fieldsV1,
  ...more,
});
const DATA = entry({ 'f:data': { '.': {}, 'f:a': {} }, 'f:type': {} });
const LABELS = entry({ 'f:metadata': { 'f:labels': {} } }, { manager: 'labeler' });

function secret(metadata: object = {}): KubernetesObject {
  return { metadata: { name: 's', namespace: 'tools', uid: 'u', resourceVersion: '1', managedFields: [DATA, LABELS], ...metadata } };
}

const hash = (metadata?: object): unknown => digestOf('Secret', secret(metadata));

describe('the digest of a Secret', () => {
  it('is the same whatever else changes', () => {
    const later = { time: '2031-01-01T00:00:00Z' };
    for (const metadata of [
      { resourceVersion: '2' },
      { labels: { a: '1' } },
      { annotations: { a: '1' } },
      { managedFields: [LABELS, DATA] },
      { managedFields: [DATA] },
      { managedFields: [DATA, { ...LABELS, ...later }] }, { managedFields: [DATA, LABELS, entry({ 'f:metadata': {} }, later)] },
    ]) expect([metadata, hash(metadata)]).toEqual([metadata, hash()]);
  });

  it('differs as soon as data may have changed', () => {
    for (const metadata of [
      { uid: 'v' }, { managedFields: [] }, { managedFields: [LABELS] }, { managedFields: [{ ...DATA, time: '2030-01-01T00:00:01Z' }, LABELS] },
      { managedFields: [{ ...DATA, manager: 'other' }] },
      { managedFields: [{ ...DATA, operation: 'Apply' }] },
      { managedFields: [DATA, entry({ 'f:data': { 'f:b': {} } }, { manager: 'editor' })] },
      { managedFields: [entry({ 'f:data': { '.': {} } })] }, { managedFields: [DATA, entry({ 'f:stringData': { 'f:b': {} } }, { manager: 'gitops' })] },
    ]) expect([metadata, hash(metadata)]).not.toEqual([metadata, hash()]);
  });

  it('follows the resourceVersion where nobody is on record', () => {
    expect(hash({ managedFields: [LABELS], resourceVersion: '1' })).toEqual(hash({ managedFields: [LABELS], resourceVersion: '2' }));
    expect(hash({ managedFields: undefined, resourceVersion: '1' })).toEqual(hash({ managedFields: [], resourceVersion: '1' }));
    expect(hash({ managedFields: [], resourceVersion: '1' })).not.toEqual(hash({ managedFields: [], resourceVersion: '2' }));
  });
});

const fresh = (managedFields: object[], creationTimestamp = '2030-01-01T00:00:00Z'): unknown => digestOf('Secret', secret({ managedFields, creationTimestamp }));

describe('a fresh object', () => {
  it('is one whose data was written when it was created, and never since', () => {
    expect(fresh([DATA, { ...LABELS, time: '2031-01-01T00:00:00Z' }])).toMatchObject({ fresh: true });
    expect(fresh([DATA, entry({ 'f:data': { 'f:b': {} } }, { manager: 'editor', time: '2030-01-01T00:00:01Z' })])).toMatchObject({ fresh: false });
    expect(fresh([DATA], '2029-12-31T23:59:59Z')).toMatchObject({ fresh: false });
    expect(fresh([])).toMatchObject({ fresh: false });
  });
});

describe('any digest', () => {
  it('holds no value, annotation or name of the object', () => {
    const text = fc.stringMatching(/^[ -~]{24,40}$/);
    fc.assert(fc.property(text, text, fc.constantFrom('Secret', 'ConfigMap', 'ServiceAccount'), (value, annotation, kind) => {
      const object = { ...secret({ annotations: { 'kubectl.kubernetes.io/last-applied-configuration': annotation } }), data: { key: value }, binaryData: { other: annotation } };
      const digest = digestOf(kind, object);
      const kept = JSON.stringify(digest, (_, each: unknown) => (each instanceof Map ? [...(each as Map<string, string>)] : each));
      for (const lost of [value, annotation]) expect(kept).not.toContain(lost);
    }));
  });

  it('of a ConfigMap tells key by key what changed', () => {
    const of = (data: object, binaryData: object = {}): unknown => digestOf('ConfigMap', { ...secret(), data, binaryData } as KubernetesObject);
    expect(of({ a: '1' })).toEqual(of({ a: '1' }));
    expect(of({ a: '1' })).not.toEqual(of({ a: '2' }));
    expect(of({}, { a: 'MQ==' })).not.toEqual(of({}));
    expect(digestOf('ConfigMap', secret())).toEqual(of({}));
  });

  it('of a ConfigMap keeps one hash of all, and those of the keys that are read', () => {
    const data = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, '']));
    const digest = digestOf('ConfigMap', { ...secret(), data } as KubernetesObject, new Set(['k7', 'k9', 'absent']));
    expect(digest).toMatchObject({ kind: 'ConfigMap', hashes: new Map([['k7', expect.any(String)], ['k9', expect.any(String)]]) });
    expect(digestOf('ConfigMap', { ...secret(), data: { ...data, k8: '1' } } as KubernetesObject, new Set(['k7', 'k9']))).not.toEqual(digest);
  });
});
