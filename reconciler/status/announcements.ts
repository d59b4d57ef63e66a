// Which changes of an MCPServer's status are worth a Kubernetes Event. Pure.
import type { Condition, MCPServerStatus } from '../../charts/api/status.ts';
import { LEAVES_RESTRICTED } from '../../charts/checks/restricted.ts';
import { conditionOf } from './conditions.ts';
import type { MCPServerObject } from '../kinds.ts';
import type { EventNote } from '../runtime/events.ts';
import { STRAYS } from './status.ts';

/** Ways to Ready that need no event: the Deployment has its own. */
const QUIET = ['Progressing', 'NotYetProbed', 'Terminating'];

/**
 * The events that tell how a status changed: one when Ready takes another status or reason, one when the operator gives up
 * on getting there for a reason of its own, one when the pods leave Pod Security restricted by what the
 * spec says, one when there are objects that it may not delete. None for a status that stays as it is, so none after a restart.
 */
export function announcements(before: MCPServerStatus | undefined, after: MCPServerStatus): EventNote[] {
  const [wasReady, wasStalled] = [conditionOf(before, 'Ready'), conditionOf(before, 'Stalled')];
  const [ready, stalled] = [conditionOf(after, 'Ready'), conditionOf(after, 'Stalled')];
  const events: EventNote[] = [];
  if (ready !== undefined && !isSame(ready, wasReady) && !QUIET.includes(ready.reason)) {
    events.push(eventOf(ready, ready.status === 'True' || ready.reason === 'Suspended' ? 'Normal' : 'Warning'));
  }
  if (stalled !== undefined && !isSame(stalled, wasStalled) && stalled.reason !== ready?.reason) events.push(eventOf(stalled, 'Warning'));
  for (const [reason, opening] of NOTED) {
    const [was, is] = [sentenceIn(before, opening), sentenceIn(after, opening)];
    if (is !== undefined && is !== was) events.push({ type: 'Warning', reason, action: 'Reconcile', note: is });
  }
  return events;
}

/** Sentences of a valid configuration that are worth an event of their own. */
const NOTED: readonly (readonly [reason: string, opening: string])[] = [['NotRestricted', LEAVES_RESTRICTED], ['NotDeleted', STRAYS]];

function sentenceIn(status: MCPServerStatus | undefined, opening: string): string | undefined {
  return conditionOf(status, 'ConfigurationValid')?.message.split(/(?<=\.) /).find((sentence) => sentence.startsWith(opening));
}

/** The answer to a write to the scale of an MCPServer while an autoscaler decides, who would otherwise seem not to listen. */
export function answerToScaling(before: MCPServerObject | undefined, after: MCPServerObject): EventNote | undefined {
  if (before?.spec.autoscaling === undefined || after.spec.autoscaling === undefined) return undefined;
  if (before.spec.replicas === after.spec.replicas) return undefined;
  const note = `spec.replicas became ${after.spec.replicas}, which changes nothing while spec.autoscaling is set: change its minReplicas or maxReplicas, or remove it.`;
  return { type: 'Warning', reason: 'ScalingIgnored', action: 'Scale', note };
}

/** Said of each MCPServer that is out of reach together with most others. */
export const HELD: EventNote = {
  type: 'Warning',
  reason: 'VerificationHeld',
  action: 'Verify',
  note: 'Its pods cannot be reached, but neither can those of more than half of the verified MCPServers: the operator rather suspects its own network, and leaves the status as it was.',
};

function isSame(one: Condition, other: Condition | undefined): boolean {
  return one.status === other?.status && one.reason === other.reason;
}

function eventOf({ reason, message }: Condition, type: EventNote['type']): EventNote {
  return { type, reason, action: 'Reconcile', note: message };
}
