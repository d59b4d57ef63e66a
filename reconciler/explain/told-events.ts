// The events that belong to an MCPServer: about the resource, its objects, and its pods, those that are gone included. Pure.
import { plain } from '../../kubernetes/text.ts';
import type { EventObject, Snapshot } from './snapshot.ts';

/** An event as it is told. Part of the output in JSON. */
export interface ToldEvent {
  /** When it was last seen, RFC 3339; empty where the event does not say. */
  readonly time: string;
  readonly type: string;
  readonly reason: string;
  /** How often it was seen. */
  readonly count: number;
  /** Kind and name of what it is about. */
  readonly about: string;
  /** One plain line. */
  readonly message: string;
}

const LONGEST_MESSAGE = 1024;
/** What Kubernetes puts behind the name of a ReplicaSet for each of its pods. */
const POD_SUFFIX = /^-[a-z0-9]{5}$/;

/** Of the events of a namespace those that belong to the MCPServer, the oldest first. */
export function toldEvents(snapshot: Snapshot): ToldEvent[] {
  const isOurs = belonging(snapshot);
  return snapshot.events.filter(isOurs).map(told).toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}

/** Whether an event is about one of its objects. A namesake that was deleted before has another uid. */
function belonging({ server, children, replicaSets, pods }: Snapshot): (event: EventObject) => boolean {
  const uids = new Set([server, ...children, ...replicaSets, ...pods].map(({ metadata }) => metadata.uid));
  const sets = replicaSets.map(({ metadata }) => metadata.name);
  return ({ regarding: { kind, name = '', uid } = {} }) => {
    if (uid !== undefined && uids.has(uid)) return true;
    return kind === 'Pod' && sets.some((set) => name.startsWith(set) && POD_SUFFIX.test(name.slice(set.length)));
  };
}

function told(event: EventObject): ToldEvent {
  const { type, reason, note = '', regarding: { kind, name } = {}, series } = event;
  return {
    time: timeOf(event),
    type: plain(type ?? 'Normal', 20),
    reason: plain(reason ?? '', 128),
    count: series?.count ?? event.deprecatedCount ?? 1,
    about: plain(`${kind ?? 'object'} ${name ?? ''}`, 300),
    message: plain(note, LONGEST_MESSAGE),
  };
}

function timeOf({ series, deprecatedLastTimestamp, eventTime, metadata }: EventObject): string {
  const time = series?.lastObservedTime ?? deprecatedLastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? '';
  // Some carry microseconds and some do not: alike, they can be compared as text.
  return Number.isNaN(Date.parse(time)) ? '' : new Date(time).toISOString();
}
