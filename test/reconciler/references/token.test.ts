import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reference } from '../../../charts/references.ts';
import type { Manifest } from '../../../charts/render.ts';
import type { KubernetesObject } from '../../../kubernetes/objects.ts';
import { compare, formatRecord, parseRecord, type Known } from '../../../reconciler/references/record.ts';
import { decide, REFERENCES_ANNOTATION, type Evidence } from '../../../reconciler/references/token.ts';
import { digestOf } from '../../../reconciler/references/digest.ts';
import type { ObjectState } from '../../../reconciler/references/followed.ts';

const secretOf = (hash: string, fresh = false): ObjectState => ({ state: 'Present', digest: { kind: 'Secret', fresh, hash } });
const configMapOf = (data: Record<string, string>): ObjectState => ({
  state: 'Present',
  digest: { kind: 'ConfigMap', fresh: false, all: JSON.stringify(data), hashes: new Map(Object.entries(data)) },
});

function known(name: string, state: ObjectState, more: Partial<Reference> & { at?: number; told?: boolean } = {}): Known {
  const { at = 0, told = false, ...reference } = more;
  return {
    reference: { kind: 'Secret', name, fields: [], required: true, holdsPods: true, requiredKeys: [], keys: 'all', ...reference },
    observed: { ...state, at, told },
  };
}

const reading = (keys: string[], data: Record<string, string>): Known => known('c', configMapOf(data), { kind: 'ConfigMap', keys });

const TEMPLATE = { metadata: { labels: { a: 'b' } } };
const desired = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'demo' }, spec: { template: TEMPLATE } } as Manifest;

function liveWith(record?: string, template?: string): KubernetesObject {
  const annotations = template === undefined ? {} : { [REFERENCES_ANNOTATION]: template };
  return {
    metadata: { name: 'demo', annotations: record === undefined ? {} : { [REFERENCES_ANNOTATION]: record } },
    spec: { template: { metadata: { ...TEMPLATE.metadata, annotations } } },
  } as KubernetesObject;
}

const judge = (evidence: Partial<Evidence>): ReturnType<typeof decide> =>
  decide({
    onReferenceChange: 'Restart',
    known: [],
    live: liveWith(),
    desired: () => desired,
    pendingSince: undefined,
    now: 100_000,
    ...evidence,
  });

const NEW = [known('s', secretOf('new'))];

describe('the token', () => {
  it('of a new server is what there is, without a restart', () => {
    expect(judge({ live: undefined, known: NEW })).toEqual({ token: { record: 'Secret/s=new' } });
  });

  it('is put on an existing Deployment without a restart', () => {
    expect(judge({ known: NEW })).toEqual({ token: { record: 'Secret/s=new' } });
  });

  it('restarts for a change that has been quiet for two seconds, and says because of what', () => {
    expect(judge({ known: NEW, live: liveWith('Secret/s=old') }).token).toMatchObject({ record: 'Secret/s=new', restart: { because: 'Secret s' } });
  });

  it('stays as it was while a change waits for others, but no longer than thirty seconds', () => {
    const live = liveWith('Secret/s=old');
    expect(judge({ live, known: [known('s', secretOf('new'), { at: 98_500 })] })).toEqual({ token: { record: 'Secret/s=old' }, waitMs: 500 });
    const [early, late] = [71_000, 70_000].map((pendingSince) =>
      judge({ live, known: [known('s', secretOf('new'), { at: 99_900 })], pendingSince }),
    );
    expect([early?.waitMs, late?.waitMs]).toEqual([1000, undefined]);
    expect(late?.token.restart).toBeDefined();
  });

  it('takes a change on record without a restart when the pod template changes anyway', () => {
    const other = { ...desired, spec: { template: { metadata: { labels: { a: 'c' } } } } } as Manifest;
    expect(judge({ known: NEW, live: liveWith('Secret/s=old'), desired: () => other })).toEqual({ token: { record: 'Secret/s=new' } });
  });

  it('restarts with a value the template does not have yet, also when all is as it once was', () => {
    const first = judge({ known: NEW, live: liveWith('Secret/s=old') }).token.restart?.value;
    const again = judge({ known: NEW, live: liveWith('Secret/s=old', first) }).token.restart?.value;
    expect(first).toMatch(/^[0-9a-f]{12}$/);
    expect(again).not.toBe(first);
  });

  it('is none with Ignore, which takes back what was on record', () => {
    expect(judge({ onReferenceChange: 'Ignore', known: NEW })).toEqual({ token: {} });
    const { token } = judge({ onReferenceChange: 'Ignore', known: NEW, live: liveWith('Secret/s=old') });
    expect(token).toEqual({ record: 'ignored' });
    expect(judge({ known: NEW, live: liveWith(token.record) })).toEqual({ token: { record: 'Secret/s=new' } });
  });
});

const changed = (each: Known, before: string): boolean => compare([each], parseRecord(before)).changed.length > 0;

describe('compared with the record', () => {
  it.each<[string, Known, { before: string; after: string; isChange?: true }]>([
    ['an object that may not be looked at stays', known('s', { state: 'Refused' }), { before: 'Secret/s=old', after: 'Secret/s=old' }],
    ['an object that was not looked at yet stays', known('s', { state: 'Waiting' }), { before: 'Secret/s=old', after: 'Secret/s=old' }],
    ['a needed object that is gone stays', known('s', { state: 'Absent' }), { before: 'Secret/s=old', after: 'Secret/s=old' }],
    ['a needed object that never was there is awaited', known('s', { state: 'Absent' }), { before: '', after: 'Secret/s=?' }],
    ['as is one that need not have been there', known('s', { state: 'Absent' }), { before: 'Secret/s=-', after: 'Secret/s=?' }],
    ['an awaited object that comes is no change', known('s', secretOf('new'), { told: true }), { before: 'Secret/s=?', after: 'Secret/s=new' }],
    ['nor one that came unseen and is as it was created', known('s', secretOf('new', true)), { before: 'Secret/s=?', after: 'Secret/s=new' }],
    ['but one that changed unseen since, for pods may have started in between', known('s', secretOf('new')), { before: 'Secret/s=?', after: 'Secret/s=new', isChange: true }],
    ['an object that need not be there is noted as absent', known('s', { state: 'Absent' }, { holdsPods: false }), { before: '', after: 'Secret/s=-' }],
    ['and is a change when it comes', known('s', secretOf('new'), { holdsPods: false }), { before: 'Secret/s=-', after: 'Secret/s=new', isChange: true }],
    ['and when it goes', known('s', { state: 'Absent' }, { holdsPods: false }), { before: 'Secret/s=old', after: 'Secret/s=-', isChange: true }],
    ['an object pods do not read has no entry', known('s', secretOf('new'), { keys: [] }), { before: 'Secret/s=old', after: '' }],
    ['a ConfigMap without a key that pods wait for stays', known('c', configMapOf({}), { kind: 'ConfigMap', requiredKeys: ['k'] }), { before: 'ConfigMap/c=old', after: 'ConfigMap/c=old' }],
  ])('%s', (_, each, { before, after, isChange = false }) => {
    expect([formatRecord(compare([each], parseRecord(before)).latest), changed(each, before)]).toEqual([after, isChange]);
  });

  it('a ConfigMap counts by the keys that are read, and reading others is no change', () => {
    const before = formatRecord(compare([reading(['a'], { a: '1', b: '1' })], new Map()).latest);
    expect(changed(reading(['a'], { a: '1', b: '2' }), before)).toBe(false);
    expect(changed(reading(['a'], { a: '2', b: '1' }), before)).toBe(true);
    expect(changed(reading(['a', 'b'], { a: '1', b: '1' }), before)).toBe(false);
  });

  it('what is too much to be followed stays on record as it is', () => {
    const state: ObjectState = { state: 'Unfollowed' };
    expect(formatRecord(compare([known('s', state), known('t', state)], parseRecord('Secret/s=old')).latest)).toBe('Secret/s=old');
  });

  it('a ConfigMap stands on record as operators before this one put it there', () => {
    const object = { metadata: { name: 'c', namespace: 'n', uid: 'u' }, data: { b: '2', a: '1', ä: 'ö' }, binaryData: { z: 'MQ==' } };
    const all = ['all', ['a'], ['a', 'z']].map((keys) =>
      known('c', { state: 'Present', digest: digestOf('ConfigMap', object, new Set(['a', 'z'])) }, { kind: 'ConfigMap', keys: keys as Reference['keys'] }));
    // What commit 792c27d made of the same object.
    expect(formatRecord(compare(all, new Map()).latest)).toBe('ConfigMap/c#0eb5b8=804d84284027,ConfigMap/c#1522b6=4f89c4e90297,ConfigMap/c=24f763486b4d');
  });

  const state = fc.oneof(
    fc.constantFrom('a', 'b', 'c').map((hash) => secretOf(hash)),
    fc.constantFrom<ObjectState>({ state: 'Absent' }, { state: 'Refused' }, { state: 'Waiting' }, { state: 'Unfollowed' }),
  );
  const references = fc.uniqueArray(fc.record({ name: fc.constantFrom('p', 'q', 'r', 's.t', 'u-v'), state, holdsPods: fc.boolean() }), {
    selector: ({ name }) => name,
  })
    .map((all) => all.map(({ name, state: now, holdsPods }) => known(name, now, { holdsPods })));

  it('what is on record is no change, in whatever order, and a record is read as it was written', () => {
    fc.assert(fc.property(references, references, (before, now) => {
      const { latest } = compare(now, compare(before, new Map()).latest);
      expect(compare(now.toReversed(), latest)).toMatchObject({ changed: [], latest: new Map(latest) });
      expect(formatRecord(parseRecord(formatRecord(latest)))).toBe(formatRecord(latest));
    }));
  });

  it('a change is what is known now and was known differently before, and nothing else', () => {
    fc.assert(fc.property(references, references, (before, now) => {
      const recorded = compare(before, new Map()).latest;
      const { changed: found, kept, latest } = compare(now, recorded);
      for (const { reference: { name } } of found) expect(recorded.get(`Secret/${name}`)).toBeDefined();
      for (const [id, hash] of kept) expect([recorded.get(id), latest.get(id)]).toContain(hash);
      expect(found.length).toBe([...latest].filter(([id, hash]) => kept.get(id) !== hash).length);
    }));
  });
});
