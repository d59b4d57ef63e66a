import { describe, expect, it } from 'vitest';
import type { Condition } from '../../charts/api/status.ts';
import { toConditions, type Finding, type Findings } from '../../reconciler/conditions.ts';

const NONE: Findings = {
  ConfigurationValid: undefined, DeploymentReady: undefined, ServiceReady: undefined, Verified: undefined,
  Available: undefined, Ready: undefined, Reconciling: undefined, Stalled: undefined, Suspended: undefined, SessionsAtRisk: undefined, Orphaned: undefined,
};
const now = new Date('2030-01-01T00:00:10.999Z');
const is = (status: Finding['status'], reason = 'A'): Finding => ({ status, reason, message: reason });
const before: Condition = { type: 'Ready', ...is('True'), observedGeneration: 1, lastTransitionTime: '2030-01-01T00:00:00Z' };

describe('conditions', () => {
  it('are the findings, in a fixed order, of the generation they speak of', () => {
    const conditions = toConditions({ ...NONE, Ready: is('False', 'B'), Verified: is('Unknown') }, { generation: 4, now, previous: [] });
    expect(conditions).toEqual([
      { type: 'Verified', status: 'Unknown', reason: 'A', message: 'A', observedGeneration: 4, lastTransitionTime: '2030-01-01T00:00:10Z' },
      { type: 'Ready', status: 'False', reason: 'B', message: 'B', observedGeneration: 4, lastTransitionTime: '2030-01-01T00:00:10Z' },
    ]);
  });

  it('keep the time while the status stays, though reason and generation change', () => {
    const [condition] = toConditions({ ...NONE, Ready: is('True', 'B') }, { generation: 2, now, previous: [before] });
    expect(condition).toEqual({ ...before, reason: 'B', message: 'B', observedGeneration: 2 });
  });

  it('take the time of a change of status', () => {
    const [condition] = toConditions({ ...NONE, Ready: is('False') }, { generation: 1, now, previous: [before] });
    expect(condition?.lastTransitionTime).toBe('2030-01-01T00:00:10Z');
  });

  it('are gone when there is no finding, and new when they come back', () => {
    expect(toConditions(NONE, { generation: 1, now, previous: [before] })).toEqual([]);
    const [condition] = toConditions({ ...NONE, Stalled: is('True') }, { generation: 1, now, previous: [before] });
    expect(condition?.lastTransitionTime).toBe('2030-01-01T00:00:10Z');
  });
});
