import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reason } from '../../../charts/api/reasons.ts';
import { MAX_MESSAGE_LENGTH, statusSchema, UNOBSERVED_STATUS, type Condition } from '../../../charts/api/status.ts';
import { conditionOf, toConditions, type Finding, type Findings } from '../../../reconciler/status/conditions.ts';

const NONE: Findings = {
  ConfigurationValid: undefined, DeploymentReady: undefined, ServiceReady: undefined, Verified: undefined,
  Available: undefined,
  Ready: undefined,
  Reconciling: undefined,
  Stalled: undefined,
  Suspended: undefined,
  SessionsAtRisk: undefined,
  Orphaned: undefined,
};
const now = new Date('2030-01-01T00:00:10.999Z');
const is = <R extends Reason>(status: Condition['status'], reason: R): Finding<R> => ({ status, reason, message: reason });
const before: Condition = { type: 'Ready', ...is('True', 'Verified'), observedGeneration: 1, lastTransitionTime: '2030-01-01T00:00:00Z' };

describe('conditions', () => {
  it('are the findings, in a fixed order, of the generation they speak of', () => {
    const conditions = toConditions({ ...NONE, Ready: is('False', 'Progressing'), Verified: is('Unknown', 'NotYetProbed') }, { generation: 4, now, previous: [] });
    expect(conditions).toEqual([
      { type: 'Verified', status: 'Unknown', reason: 'NotYetProbed', message: 'NotYetProbed', observedGeneration: 4, lastTransitionTime: '2030-01-01T00:00:10Z' },
      { type: 'Ready', status: 'False', reason: 'Progressing', message: 'Progressing', observedGeneration: 4, lastTransitionTime: '2030-01-01T00:00:10Z' },
    ]);
  });

  it('have a message that the CRD takes, whatever a finding says: one plain line within its bound, never empty', () => {
    const said = fc
      .array(
        fc.oneof(
          fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
          fc.constantFrom('\x1b[31m', '\n', '\u202E', '\u200B'),
        ),
        { maxLength: 60 },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(said, fc.constantFrom(1, 1000), (text, times) => {
        const [condition] = toConditions(
          { ...NONE, Ready: { ...is('False', 'Retrying'), message: text.repeat(times) } },
          { generation: 1, now, previous: [] },
        );
        expect(statusSchema.shape.conditions.safeParse([condition]).success).toBe(true);
        expect(condition?.message).toMatch(/^\S(.*\S)?$/);
        expect(condition?.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
      }),
    );
    const [condition] = toConditions(
      { ...NONE, Ready: { ...is('False', 'Retrying'), message: 'x'.repeat(100_000) } },
      { generation: 1, now, previous: [] },
    );
    expect(condition?.message).toBe(`${'x'.repeat(MAX_MESSAGE_LENGTH - 1)}…`);
  });

  it('begin where nobody had looked: what the CRD says then is no earlier condition', () => {
    const previous = UNOBSERVED_STATUS.conditions ?? [];
    const [condition] = toConditions({ ...NONE, Ready: is('Unknown', 'VerificationUnreachable') }, { generation: 1, now, previous });
    expect(condition?.lastTransitionTime).toBe('2030-01-01T00:00:10Z');
    expect(conditionOf(UNOBSERVED_STATUS, 'Ready')).toBeUndefined();
  });

  it('keep the time while the status stays, though reason and generation change', () => {
    const [condition] = toConditions({ ...NONE, Ready: is('True', 'AuthRequired') }, { generation: 2, now, previous: [before] });
    expect(condition).toEqual({ ...before, reason: 'AuthRequired', message: 'AuthRequired', observedGeneration: 2 });
  });

  it('take the time of a change of status', () => {
    const [condition] = toConditions({ ...NONE, Ready: is('False', 'Progressing') }, { generation: 1, now, previous: [before] });
    expect(condition?.lastTransitionTime).toBe('2030-01-01T00:00:10Z');
  });

  it('are gone when there is no finding, and new when they come back', () => {
    expect(toConditions(NONE, { generation: 1, now, previous: [before] })).toEqual([]);
    const [condition] = toConditions({ ...NONE, Stalled: is('True', 'Forbidden') }, { generation: 1, now, previous: [before] });
    expect(condition?.lastTransitionTime).toBe('2030-01-01T00:00:10Z');
  });
});
