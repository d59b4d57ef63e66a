// The status of an MCPServer as a pure function of what was observed. Each situation of the truth table is one branch here.
import type { Reason } from '../../charts/api/reasons.ts';
import { listProblems } from '../../charts/api/mcpserver.ts';
import type { MCPServerStatus, Phase } from '../../charts/api/status.ts';
import { selectorLabels, SERVER_LABEL } from '../../charts/api/labels.ts';
import { MAX_REFERENCES } from '../../charts/api/uses.ts';
import { servesHttp } from '../../charts/server.ts';
import { endpointUrl } from '../../charts/service.ts';
import { conditionOf, toConditions, type Finding, type Findings } from './conditions.ts';
import { judgeReadiness } from './readiness.ts';
import { rolloutOf } from './rollout.ts';
import { autoscalerMessage } from './autoscaler.ts';
import { patientVerdict } from './early-verdict.ts';
import { areSessionsAtRisk } from './sessions.ts';
import { isKnownVersion } from '../verification/messages.ts';
import { isScaledToZero, NOTHING_KNOWN, type Mode, type Situation } from './situation.ts';

/** The whole status, conditions included. */
export function statusOf(observed: Situation): MCPServerStatus {
  const situation = { ...observed, verdict: patientVerdict(observed.verdict, observed.pods, observed.now) };
  const { server, deployment, now } = situation;
  const { generation, name } = server.metadata;
  const findings = findingsOf(situation);
  const conditions = toConditions(findings, { generation, now, previous: server.status?.conditions ?? [] });
  const endpoint = endpointOf(situation, findings);
  const serverInfo = knownServer(situation);
  return {
    observedGeneration: generation,
    phase: phaseOf(situation, findings),
    replicas: deployment?.status?.replicas ?? 0,
    readyReplicas: deployment?.status?.readyReplicas ?? 0,
    selector: Object.entries(selectorLabels(name)).map(([key, value]) => `${key}=${value}`).join(','),
    ...(endpoint !== undefined && { endpoint }),
    ...(serverInfo !== undefined && { server: serverInfo }),
    conditions,
    lastTransitionTime: conditions.find(({ type }) => type === 'Ready')?.lastTransitionTime,
  };
}

/** What was found out about the server; nothing once nobody asks it any more. Of one that knows a credential no word is kept, whenever it was said. */
function knownServer({ server, configuration, verdict }: Situation): MCPServerStatus['server'] {
  const isAsked = !('spec' in configuration) || (servesHttp(configuration.spec) && configuration.spec.verification.mode !== 'Off');
  const known = isAsked ? (verdict?.server ?? server.status?.server) : undefined;
  if (known === undefined || server.spec.verification?.credentialsSecretRef === undefined) return known;
  const { protocolVersions, sessions } = known;
  return { ...(protocolVersions && { protocolVersions: protocolVersions.filter(isKnownVersion) }), ...(sessions && { sessions }) };
}

function findingsOf(situation: Situation): Findings {
  const { configuration } = situation;
  const spec = 'spec' in configuration ? configuration.spec : undefined;
  const rollout = rolloutOf(situation.deployment, situation.pods, { ...situation, spec });
  const { ready, reconciling, stalled } = judgeReadiness(situation, rollout);
  return {
    ConfigurationValid: configurationFinding(situation),
    DeploymentReady: rollout.state === 'Complete' ? isTrue('RolledOut', 'Every pod runs the current pod template.') : isFalse(rollout.reason, rollout.message),
    ServiceReady: serviceFinding(situation),
    Verified: verifiedFinding(situation),
    Available: availableFinding(situation),
    Ready: ready,
    Reconciling: reconciling && isTrue(reconciling.reason, reconciling.message),
    Stalled: stalled && isTrue(stalled.reason, stalled.message),
    Suspended: situation.server.spec.suspend === true ? isTrue('Suspended', 'spec.suspend is true: the objects are left as they are.') : undefined,
    SessionsAtRisk: sessionsFinding(situation),
    Orphaned: orphanedFinding(situation),
  };
}

function sessionsFinding({ server, configuration, verdict }: Situation): Findings['SessionsAtRisk'] {
  const { sessions } = verdict?.server ?? server.status?.server ?? {};
  if (!('spec' in configuration) || !areSessionsAtRisk(configuration.spec, sessions)) return undefined;
  return isTrue('NoAffinity', 'The server keeps sessions and more than one pod can run: a call may reach a pod that does not know its session. Leave spec.service.sessionAffinity out, or keep to one replica.');
}

function orphanedFinding({ detached }: Situation): Findings['Orphaned'] {
  if (detached !== true) return undefined;
  return isTrue('DeletionPolicyOrphan', 'The objects have no owner reference: they stay when the MCPServer is deleted.');
}

/** How the sentence begins that names objects the operator cannot clear away. */
export const STRAYS = 'Left alone, for the operator may not delete it:';

function strayMessage({ strays = [] }: Situation): string | undefined {
  if (strays.length === 0) return undefined;
  return `${STRAYS} ${listed(strays)}; delete what nobody needs, or take the label ${SERVER_LABEL} off it.`;
}

/** What the operator does not see of what the spec refers to: sentences. */
function unseenMessages({ references }: Situation): string[] {
  const { refused = [], unfollowed = [] } = references ?? {};
  return [
    ...(refused.length === 0 ? [] : [`Without permission to list and watch them, the operator does not see changes of ${listed(refused)}.`]),
    ...(unfollowed.length === 0 ? [] : [`The spec refers to more than ${MAX_REFERENCES} objects, so the operator does not see changes of ${listed(unfollowed)}.`]),
  ];
}

/** A message names so many objects of one sort. */
const MOST_NAMED = 20;

function listed(names: readonly string[]): string {
  const more = names.length > MOST_NAMED ? `, and ${names.length - MOST_NAMED} more` : '';
  return `${names.slice(0, MOST_NAMED).join(', ')}${more}`;
}

function configurationFinding(situation: Situation): Findings['ConfigurationValid'] {
  const { configuration, obstacle, references } = situation;
  if (!('spec' in configuration)) return isFalse('InvalidSpec', listProblems(configuration.problems));
  // A mistake that only the API server could see, in what the spec leads to.
  if (obstacle?.reason === 'InvalidSpec') return isFalse('InvalidSpec', obstacle.message);
  const unseen = unseenMessages(situation);
  if (references?.missing !== undefined) return isFalse(references.missing.reason, [references.missing.message, ...unseen].join(' '));
  const seen = [configuration.sentences, autoscalerMessage(situation.autoscaler, situation.now), strayMessage(situation)];
  return isTrue('Valid', [...seen.filter((each) => each !== undefined), ...unseen].join(' '));
}

function serviceFinding(situation: Situation): Findings['ServiceReady'] {
  const { configuration, hasReadyEndpoint } = situation;
  const spec = 'spec' in configuration ? configuration.spec : undefined;
  if (spec !== undefined && !servesHttp(spec)) return isFalse('NoService', 'A stdio server without spec.command has no Service.');
  if (hasReadyEndpoint) return isTrue('EndpointReady', 'The Service has a ready endpoint.');
  return isScaledToZero(situation) ? isFalse('ScaledToZero', 'No pod is wanted.') : isFalse('NoEndpoint', 'No pod is ready to serve.');
}

function verifiedFinding(situation: Situation): Findings['Verified'] {
  const { server, configuration, verdict } = situation;
  if (!('spec' in configuration)) {
    if (configuration.mode === 'Off') return isUnknown('Disabled', 'spec.verification.mode is Off.');
    const before = situation.witnessed === true ? conditionOf(server.status, 'Verified') : undefined;
    // The operator wrote it itself, so the reason is one of its own.
    return before ? ({ status: before.status, reason: before.reason, message: before.message } as Findings['Verified']) : isUnknown('NotYetProbed', 'Nobody is asked while the spec is invalid.');
  }
  const { spec } = configuration;
  if (!servesHttp(spec)) return isUnknown('NoBridge', 'Nothing can reach a stdio server without spec.command inside its pod.');
  if (spec.verification.mode === 'Off') return isUnknown('Disabled', 'spec.verification.mode is Off.');
  if (isScaledToZero(situation)) return isUnknown('ScaledToZero', 'There is no pod to ask.');
  const failure = startFailure(situation);
  if (failure !== undefined) return isFalse('ChildNotStarted', failure);
  if (verdict === undefined) return isUnknown('NotYetProbed', 'No pod serves yet.');
  return { status: verdict.verified, reason: verdict.reason, message: verdict.message };
}

function availableFinding(situation: Situation): Findings['Available'] {
  const { configuration, obstacle, hasReadyEndpoint, verdict } = situation;
  // Whatever serves under the name is not known to be this server.
  if (obstacle?.reason === 'NameConflict') return isFalse('NameConflict', obstacle.message);
  if (!hasReadyEndpoint) {
    const failure = startFailure(situation);
    return failure === undefined ? isFalse('NoEndpoint', 'No pod serves.') : isFalse('ChildNotStarted', failure);
  }
  if (!('spec' in configuration)) return availableAsBefore(situation, configuration.mode);
  const { mode } = configuration.spec.verification;
  if (mode === 'Off') return isTrue('Serving', 'A pod serves; verification is off.');
  const { available, verified, reason, message } = verdict ?? NOTHING_KNOWN;
  if (available === true) return isTrue('Serving', 'A verified pod serves.');
  if (verified === 'False' && available === false) return isFalse(reason, message);
  return mode === 'Observe' ? isTrue('Serving', 'A pod serves; it could not be verified.') : isUnknown('NotVerified', 'Pods serve, but none could be verified yet.');
}

/** Why nobody serves, where that is because a stdio server does not start in the pods; undefined otherwise. */
function startFailure({ hasReadyEndpoint, unstarted }: Situation): string | undefined {
  return hasReadyEndpoint ? undefined : unstarted?.find(({ settled }) => settled)?.message;
}

/** While the spec is invalid: what the last verdict says of the pods that still serve. */
function availableAsBefore({ server, witnessed }: Situation, mode: Mode): Findings['Available'] {
  const { status = 'Unknown', reason, message = '' } = (witnessed === true ? conditionOf(server.status, 'Verified') : undefined) ?? {};
  const isGood = status === 'True' || reason === 'PartiallyVerified' || (status === 'Unknown' && mode !== 'Require');
  if (isGood) return isTrue('InvalidSpec', 'A pod of the last valid spec serves.');
  // The operator wrote it itself, so the reason is one of its own.
  if (status === 'False') return isFalse(reason as Reason<'Available'>, message);
  return isUnknown('NotVerified', 'Pods serve, and nobody asks them while the spec is invalid.');
}

function endpointOf(situation: Situation, findings: Findings): string | undefined {
  const { server, configuration } = situation;
  if (server.metadata.deletionTimestamp !== undefined || findings.Available?.status !== 'True') return undefined;
  if (!('spec' in configuration)) return server.status?.endpoint ?? situation.lastEndpoint;
  const { name, namespace } = server.metadata;
  return endpointUrl({ name, namespace, spec: configuration.spec });
}

function phaseOf({ server }: Situation, { Ready, Available, Reconciling, Stalled, Suspended }: Findings): Phase {
  if (server.metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (Ready?.status === 'True') return 'Ready';
  if (Stalled !== undefined || (Ready?.status === 'False' && Reconciling === undefined && Suspended === undefined)) return 'Failed';
  return Reconciling !== undefined && Available?.status === 'True' ? 'Updating' : 'Pending';
}

function isTrue<R extends Reason>(reason: R, message: string): Finding<R> {
  return { status: 'True', reason, message };
}

function isFalse<R extends Reason>(reason: R, message: string): Finding<R> {
  return { status: 'False', reason, message };
}

function isUnknown<R extends Reason>(reason: R, message: string): Finding<R> {
  return { status: 'Unknown', reason, message };
}
