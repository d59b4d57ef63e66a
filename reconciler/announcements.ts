// Which changes of an MCPServer's status are worth a Kubernetes Event. Pure.
import type { Condition, MCPServerStatus } from '../charts/api/status.ts';
import type { EventNote } from './runtime/events.ts';

/** Ways to Ready that need no event: the Deployment has its own. */
const QUIET = ['Progressing', 'NotYetProbed', 'Terminating'];

/**
 * The events that tell how a status changed: one when Ready takes another status or reason, one when the operator gives up
 * on getting there for a reason of its own. None for a status that stays as it is, so none after a restart.
 */
export function announcements(before: MCPServerStatus | undefined, after: MCPServerStatus): EventNote[] {
  const [wasReady, wasStalled] = [find(before, 'Ready'), find(before, 'Stalled')];
  const [ready, stalled] = [find(after, 'Ready'), find(after, 'Stalled')];
  const events: EventNote[] = [];
  if (ready !== undefined && !isSame(ready, wasReady) && !QUIET.includes(ready.reason)) events.push(eventOf(ready, ready.status === 'True' || ready.reason === 'Suspended' ? 'Normal' : 'Warning'));
  if (stalled !== undefined && !isSame(stalled, wasStalled) && stalled.reason !== ready?.reason) events.push(eventOf(stalled, 'Warning'));
  return events;
}

function find(status: MCPServerStatus | undefined, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

function isSame(one: Condition, other: Condition | undefined): boolean {
  return one.status === other?.status && one.reason === other.reason;
}

function eventOf({ reason, message }: Condition, type: EventNote['type']): EventNote {
  return { type, reason, action: 'Reconcile', note: message };
}
