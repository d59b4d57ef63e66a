import { describe, expect, it } from 'vitest';
import type { Reference } from '../../../charts/references.ts';
import type { PodObject } from '../../../reconciler/kinds.ts';
import { findMissing, type ReferenceFindings } from '../../../reconciler/references/missing.ts';
import type { ObjectState } from '../../../reconciler/references/followed.ts';
import { podObject } from '../status/situations.ts';

const SECRET: ObjectState = { state: 'Present', digest: { kind: 'Secret', fresh: true, hash: 'h' } };
const CONFIG_MAP: ObjectState = { state: 'Present', digest: { kind: 'ConfigMap', fresh: true, all: 'h', hashes: new Map([['a', 'h']]) } };
const WAITING = (message: string): PodObject => podObject('demo-1', { state: { waiting: { reason: 'CreateContainerConfigError', message } } });

type Case = Partial<Reference> & { readonly is: ObjectState };

function find(cases: readonly Case[], pods: readonly PodObject[] = []): ReferenceFindings {
  const known = cases.map(({ is, ...more }) => ({
    reference: { kind: 'Secret', name: 's', fields: ['spec.env[0]'], required: true, holdsPods: true, requiredKeys: [], keys: 'all', ...more } as const,
    observed: { ...is, at: 0, told: false },
  }));
  return findMissing(known, { namespace: 'tools', pods });
}

describe('what a server misses', () => {
  it('is named with its kind and fields, whatever pods say', () => {
    expect(find([{ is: { state: 'Absent' } }]).missing).toEqual({
      reason: 'SecretNotFound', message: 'Missing in namespace tools: Secret s (spec.env[0]). The server goes on by itself as soon as it is there.',
    });
  });

  it('is told by pods in plain words only', () => {
    const { missing } = find([{ is: SECRET }], [WAITING(`couldn't find key k\u202E\x1b[31m${'x'.repeat(9000)} in Secret tools/s`), WAITING('couldn\u200B\'t find key \x1b[1mk\u202E in Secret tools/s')]);
    expect(missing?.message).toContain('key k of Secret s');
    expect(missing?.message).not.toMatch(/[\p{Cc}\p{Cf}]|xx/u);
  });

  it('is all named at once, objects before keys', () => {
    const { missing } = find([
      { kind: 'ConfigMap', name: 'c', requiredKeys: ['a', 'k'], is: CONFIG_MAP },
      { kind: 'Secret', is: { state: 'Absent' } },
      { kind: 'ServiceAccount', name: 'robot', is: { state: 'Absent' } },
    ]);
    expect(missing?.reason).toBe('SecretNotFound');
    for (const part of ['key k of ConfigMap c', 'Secret s', 'ServiceAccount robot']) expect(missing?.message).toContain(part);
    expect(missing?.message).not.toContain('key a');
  });

  it('is nothing where all is there, need not be there, or is not known', () => {
    expect(
      find([
        { is: SECRET }, { is: { state: 'Absent' }, required: false }, { is: { state: 'Waiting' } },
        { is: { state: 'Refused' }, name: 'r' }, { is: { state: 'Unfollowed' }, name: 'u', keys: [] },
      ]),
    ).toEqual({ missing: undefined, refused: ['Secret r'], unfollowed: ['Secret u'] });
  });

  it('stays readable when it is much', () => {
    const { missing } = find(
      Array.from({ length: 300 }, (_, index) => ({
        name: `s${index}`.repeat(40),
        fields: Array.from({ length: 60 }, () => 'spec.env[0]'),
        is: { state: 'Absent' } as const,
      })),
    );
    expect(missing?.message).toContain(', and 280 more');
    expect(missing?.message.length).toBeLessThan(32_768);
  });
});

describe('the pods tell', () => {
  const refused: Case = { is: { state: 'Refused' } };

  it.each([
    ['a missing Secret the operator may not look at', refused, 'secret "s" not found', 'SecretNotFound'],
    ['a missing ConfigMap of which nothing is known yet', { kind: 'ConfigMap', is: { state: 'Waiting' } }, 'configmap "s" not found', 'ConfigMapNotFound'],
    ['a key missing in a Secret', { is: SECRET }, "couldn't find key token in Secret tools/s", 'KeyNotFound'],
    ['a key missing in a Secret the operator may not look at', refused, "couldn't find key token in Secret tools/s", 'KeyNotFound'],
  ] as [string, Case, string, string][])('of %s', (...[, each, message, reason]) => {
    expect(find([each], [WAITING(message)]).missing).toMatchObject({ reason });
  });

  it.each([
    ['what the operator knows better', { is: SECRET }, 'secret "s" not found'],
    ['keys of a ConfigMap the operator sees', { kind: 'ConfigMap', is: CONFIG_MAP }, "couldn't find key a in ConfigMap tools/s"],
    ['what the spec does not name any more', refused, 'secret "other" not found'],
    ['other troubles', refused, 'container has runAsNonRoot and image will run as root'],
  ] as [string, Case, string][])('nothing of %s', (...[, each, message]) => {
    expect(find([each], [WAITING(message)]).missing).toBeUndefined();
  });
});
