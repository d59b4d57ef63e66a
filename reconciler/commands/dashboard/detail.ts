// One MCPServer in full: what explain, status, events and diff tell of it, beside each other. Pure.
import { REASONS } from '../../../charts/api/reasons.ts';
import { CONDITION_TYPES, type ConditionType } from '../../../charts/api/status.ts';
import { DEFAULT_SETTINGS, type RenderSettings } from '../../../charts/settings.ts';
import { plain } from '../../../kubernetes/text.ts';
import { explain } from '../../explain/explanation.ts';
import type { PodStanding } from '../../explain/pod-standing.ts';
import type { Snapshot } from '../../explain/snapshot.ts';
import { toldEvents } from '../../explain/told-events.ts';
import { treeOf } from '../../explain/tree.ts';
import { connectionsOf, type Connecting } from './connections.ts';
import { podLines, serverLines, stepOf, type ClusterFlags } from './lines.ts';
import { objectsOf } from './objects.ts';
import { rowOf } from './row.ts';
import type { Detail, Moment, ToldCondition, ToldPod } from './told.ts';

/** What is known besides the snapshot. */
export interface Detailing extends Connecting {
  /** Of the operator that has the MCPServer, as far as its flags could be read. */
  readonly settings: Partial<RenderSettings>;
}

const MOST_MOMENTS = 200;
const MOST_PODS = 50;
const LONGEST_MESSAGE = 4096;
const LONGEST_WORD = 128;

/** What each condition says where it is True. */
const CLAIMS: Readonly<Record<ConditionType, string>> = {
  ConfigurationValid: 'the spec is valid, and what it refers to exists',
  DeploymentReady: 'its pods are rolled out and ready',
  ServiceReady: 'its Service leads to a pod',
  Verified: 'MCP clients can use what its pods serve',
  Available: 'somebody who connects now is served',
  Ready: 'it is as the spec says, and MCP clients can use it',
  Reconciling: 'something is still on its way',
  Stalled: 'it does not get further without a change',
  Suspended: 'the operator leaves its objects alone',
  SessionsAtRisk: 'sessions can be lost',
  Orphaned: 'its objects stay when it is deleted',
};

/** All that the page shows of it. */
export function detailOf(snapshot: Snapshot, { settings, place, flags }: Detailing): Detail {
  const { server, now, unread } = snapshot;
  const tree = treeOf(snapshot);
  const { evidence, lastWords, nextSteps } = explain(snapshot);
  const { objects, problem } = objectsOf(snapshot, tree.objects, { settings: { ...DEFAULT_SETTINGS, ...settings }, flags });
  const { namespace } = server.metadata;
  return {
    row: rowOf(server, now),
    message: tree.message,
    conditions: conditionsOf(snapshot),
    evidence,
    steps: nextSteps.map((step) => stepOf(step, flags)),
    timeline: timelineOf(snapshot),
    pods: tree.pods.slice(0, MOST_PODS).map((pod) => podOf(pod, namespace, flags)),
    morePods: Math.max(0, tree.pods.length - MOST_PODS),
    words: lastWords.map(({ pod, container, exitCode, lines }) => ({ pod: word(pod), container, exitCode, text: lines })),
    objects,
    renderProblem: problem,
    connections: connectionsOf(server, { place, flags }),
    lines: serverLines(server.metadata, flags),
    unread,
  };
}

function conditionsOf({ server: { status } }: Snapshot): ToldCondition[] {
  const conditions = status?.conditions ?? [];
  return conditions.toSorted((a, b) => order(a.type) - order(b.type)).map((each) => ({
    type: word(each.type),
    claim: Object.hasOwn(CLAIMS, each.type) ? CLAIMS[each.type as ConditionType] : '',
    status: word(each.status),
    reason: word(each.reason),
    meaning: Object.hasOwn(REASONS, each.reason) ? REASONS[each.reason as keyof typeof REASONS].meaning.replaceAll('`', '') : null,
    message: plain(each.message, LONGEST_MESSAGE),
    since: word(each.lastTransitionTime),
  }));
}

/** What it comes to first, then in the order in which one leads to the next. */
function order(type: string): number {
  return type === 'Ready' ? -1 : (CONDITION_TYPES as readonly string[]).indexOf(type);
}

/** Events, and what the status says of changes: Kubernetes forgets events after an hour, the status does not. */
function timelineOf(snapshot: Snapshot): Moment[] {
  const { server: { metadata, status } } = snapshot;
  const events = toldEvents(snapshot).map(({ time, type, reason, count, about, message }): Moment =>
    ({ time, type: type === 'Warning' ? 'Warning' : 'Normal', reason, about, message, count }));
  const turns = (status?.conditions ?? []).flatMap(({ type, status: value, reason, message, lastTransitionTime }): Moment[] => {
    const time = Date.parse(lastTransitionTime);
    // Before this the CRD gave it, nobody said it.
    if (!(time > 0)) return [];
    const isBad = value === (type === 'Stalled' || type === 'SessionsAtRisk' ? 'True' : 'False');
    return [{
      time: new Date(time).toISOString(),
      type: isBad ? 'Warning' : 'Normal',
      reason: `${word(type)} became ${word(value)}`,
      about: 'status',
      // The reason of then is not kept.
      message: plain(`It says now: ${reason}: ${message}`, LONGEST_MESSAGE),
      count: 1,
    }];
  });
  const created: Moment = { time: word(metadata.creationTimestamp ?? ''), type: 'Normal', reason: 'Created', about: 'status', message: 'The MCPServer was created.', count: 1 };
  const all = [created, ...turns, ...events].toSorted((a, b) => Date.parse(b.time || '0') - Date.parse(a.time || '0'));
  return all.slice(0, MOST_MOMENTS);
}

function podOf({ name, state, message, restarts, node }: PodStanding, namespace: string, flags: ClusterFlags): ToldPod {
  return {
    name: plain(name, LONGEST_MESSAGE),
    state: word(state),
    message: message === null ? null : plain(message, LONGEST_MESSAGE),
    restarts,
    node: node === null ? null : plain(node, LONGEST_MESSAGE),
    lines: podLines(namespace, name, flags),
  };
}

function word(text: string): string {
  return plain(text, LONGEST_WORD);
}
