import { describe, expect, it } from 'vitest';
import type { MCPServerStatus } from '../../../charts/api/status.ts';
import { announcements } from '../../../reconciler/status/announcements.ts';
import { statusOf } from '../../../reconciler/status/status.ts';
import { serverObject, serving } from './situations.ts';
import { SITUATIONS } from './truth-situations.ts';
import type { LineName } from './truth-table.ts';

/** From no status, or that of a line, to that of another. */
type Change = readonly [LineName | undefined, LineName];

function statusIn(line: LineName): MCPServerStatus {
  const [situation] = SITUATIONS[line];
  if ('stored' in situation) throw new Error(`no reconcile leads to ${line}`);
  return statusOf(situation);
}

function told([before, after]: Change): string[] {
  return announcements(before && statusIn(before), statusIn(after)).map(({ type, reason }) => `${type} ${reason}`);
}

function secured(securityContext: object): MCPServerStatus {
  return statusOf(serving(serverObject({ securityContext })));
}

function reasons(before: MCPServerStatus, after: MCPServerStatus): string[] {
  return announcements(before, after).map(({ reason }) => reason);
}

describe('an event tells', () => {
  it.each<[string, Change, string[]]>([
    ['that it is ready', ['3', '4'], ['Normal Verified']],
    ['that it is ready for another reason', ['24', '4'], ['Normal Verified']],
    ['what keeps it from Ready', ['4', '10'], ['Warning CrashLoop']],
    ['that nobody knows', ['4', '23'], ['Warning VerificationUnreachable']],
    ['that the rollout took too long, besides what is in its way', ['8', '8 late'], ['Warning ProgressDeadlineExceeded']],
    ['once what stalls it', ['4', '29'], ['Warning WriteConflict']],
    ['that it waits, because somebody wants so', ['4', '16'], ['Normal Suspended']],
    ['what is wrong from the first moment', [undefined, '19'], ['Warning InvalidSpec']],
  ])('%s', (_what, change, events) => {
    expect(told(change)).toEqual(events);
  });

  it.each<[string, Change]>([
    ['of a rollout on its way', ['4', '5']],
    ['of a first rollout', [undefined, '3']],
    ['of a deletion', ['4', '17']],
    ['of a state that lasts', ['10', '10']],
    ['of what else changes while Ready stays', ['4', '15']],
  ])('nothing %s', (_what, change) => {
    expect(told(change)).toEqual([]);
  });

  it('once that the pods leave Pod Security restricted, and by what', () => {
    const [strict, weak, weaker] = [
      secured({}),
      secured({ readOnlyRootFilesystem: false, allowPrivilegeEscalation: true }),
      secured({ privileged: true }),
    ];
    expect(announcements(strict, weak)).toEqual([{ type: 'Warning', reason: 'NotRestricted', action: 'Reconcile', note: expect.stringMatching(/^The pods do not meet Pod Security restricted: securityContext.allowPrivilegeEscalation /) }]);
    expect([reasons(weak, weak), reasons(weak, weaker), reasons(weaker, strict)]).toEqual([[], ['NotRestricted'], []]);
  });

  it('the reason in the words of the condition', () => {
    const status = statusIn('29');
    expect(announcements(undefined, status)).toEqual([{ type: 'Warning', reason: 'WriteConflict', action: 'Reconcile', note: 'Another writer keeps changing Deployment demo.' }]);
  });
});
