// Ready, Reconciling and Stalled: the first thing that stands in the way decides all three. Pure.
import type { Reason } from '../../charts/api/reasons.ts';
import { listProblems } from '../../charts/api/mcpserver.ts';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { COMMAND_MESSAGE } from '../../charts/api/stdio-rules.ts';
import { servesHttp } from '../../charts/server.ts';
import type { Finding } from './conditions.ts';
import type { Rollout } from './rollout.ts';
import { isScaledToZero, NOTHING_KNOWN, type Situation } from './situation.ts';
import { sentence } from './trouble.ts';
import type { Verdict } from '../verification/verdict.ts';

interface Cause<R extends Reason> {
  readonly reason: R;
  readonly message: string;
}

/** The verdict; at most one of `reconciling` and `stalled` is there. */
export interface Readiness {
  readonly ready: Finding<Reason<'Ready'>>;
  readonly reconciling?: Cause<Reason<'Reconciling'>> | undefined;
  readonly stalled?: Cause<Reason<'Stalled'>> | undefined;
}

/** Judges in the order in which a person would ask. */
export function judgeReadiness(situation: Situation, rollout: Rollout): Readiness {
  const { server, configuration, obstacle } = situation;
  if (server.metadata.deletionTimestamp !== undefined) return { ready: notReady({ reason: 'Terminating', message: 'The MCPServer is being deleted.' }) };
  if (!('spec' in configuration)) {
    return stalledBy({ reason: 'InvalidSpec', message: `Nothing was changed, because the spec is invalid: ${listProblems(configuration.problems)}.` });
  }
  if (obstacle?.reason === 'Suspended') return { ready: notReady(obstacle) };
  if (obstacle?.reason === 'Retrying' && obstacle.live === true) return reconcilingToo(judgePods(situation, configuration.spec, rollout), obstacle);
  if (obstacle !== undefined) return obstacle.stalled ? stalledBy(obstacle) : waitingFor(obstacle);
  return judgePods(situation, configuration.spec, rollout);
}

/** What the spec leads to is there: how its pods are. */
function judgePods(situation: Situation, spec: ResolvedSpec, rollout: Rollout): Readiness {
  if (!servesHttp(spec)) return stalledBy({ reason: 'NoBridge', message: sentence(COMMAND_MESSAGE) });
  if (situation.references?.missing !== undefined) return waitingFor(situation.references.missing);
  if (rollout.state !== 'Complete') return judgeRollout(rollout);
  // The Deployment is told of it before the Service: with an endpoint in the status it would not be at rest.
  if (isScaledToZero(situation)) {
    if (situation.hasReadyEndpoint) return waitingFor({ reason: 'Progressing', message: 'The Service still has the endpoint of a pod that ends.' });
    return { ready: { status: 'True', reason: 'ScaledToZero', message: 'Scaled to zero, as was asked for.' } };
  }
  if (!situation.hasReadyEndpoint) return waitingFor({ reason: 'Progressing', message: 'The Service has no ready endpoint yet.' });
  return judgeVerification(spec, situation.verdict);
}

function judgeRollout(rollout: Exclude<Rollout, { state: 'Complete' }>): Readiness {
  const ready = notReady(rollout);
  if (rollout.state === 'Failed') return { ready, stalled: { reason: 'ProgressDeadlineExceeded', message: rollout.message } };
  return rollout.state === 'Underway' ? waitingFor(rollout) : { ready };
}

function judgeVerification({ verification: { mode } }: ResolvedSpec, verdict: Verdict | undefined): Readiness {
  if (mode === 'Off') return { ready: { status: 'True', reason: 'NotVerified', message: 'Pods serve; spec.verification.mode is Off.' } };
  const { verified, reason, message, pending } = verdict ?? NOTHING_KNOWN;
  if (verified === 'False') return { ready: notReady({ reason, message }) };
  if (verified === 'True' && pending === undefined) return { ready: { status: 'True', reason, message } };
  if (mode === 'Observe') return { ready: { status: 'True', reason: 'NotVerified', message: `Pods serve, not verified: ${pending?.message ?? message}` } };
  if (pending !== undefined) return waitingFor(pending);
  if (reason === 'NotYetProbed') return waitingFor({ reason: 'Progressing', message: 'Pods are ready; the MCP handshake is on its way.' });
  return { ready: { status: 'Unknown', reason: 'VerificationUnreachable', message } };
}

/** Says of what is there all the same that something is still to be done. */
function reconcilingToo(readiness: Readiness, { reason, message }: Cause<Reason<'Reconciling'>>): Readiness {
  return readiness.stalled === undefined ? { reconciling: { reason, message }, ...readiness } : readiness;
}

function notReady({ reason, message }: Cause<Reason<'Ready'>>): Readiness['ready'] {
  return { status: 'False', reason, message };
}

function waitingFor({ reason, message }: Cause<Reason<'Ready'> & Reason<'Reconciling'>>): Readiness {
  return { ready: notReady({ reason, message }), reconciling: { reason, message } };
}

function stalledBy({ reason, message }: Cause<Reason<'Ready'> & Reason<'Stalled'>>): Readiness {
  return { ready: notReady({ reason, message }), stalled: { reason, message } };
}
