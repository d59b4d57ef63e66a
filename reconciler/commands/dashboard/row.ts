// An MCPServer as a row of the table. Pure.
import { plain } from '../../../kubernetes/text.ts';
import { unseen } from '../../explain/unseen.ts';
import type { MCPServerObject } from '../../kinds.ts';
import { conditionOf } from '../../status/conditions.ts';
import type { Row } from './told.ts';

/** Of a message; the rest is in the detail. */
const LONGEST_MESSAGE = 300;
const LONGEST_NAME = 253;
const LONGEST_WORD = 100;
const NAME = /^[a-z0-9]([-.a-z0-9]{0,251}[a-z0-9])?$/;
const LONGEST_URL = 2048;
/** What the CRD gives an MCPServer that nobody has seen: no time at all. */
const NEVER = '1970-01-01T00:00:00Z';

/** How it stands, in the words of its status. */
export function rowOf(server: MCPServerObject, now: Date): Row {
  const { metadata, spec, status } = server;
  const [namespace, name] = [plain(metadata.namespace, LONGEST_NAME), plain(metadata.name, LONGEST_NAME)];
  const ready = conditionOf(status, 'Ready');
  const notSeen = unseen(server, now);
  const isSeen = notSeen === undefined;
  return {
    key: keyOf(metadata),
    namespace,
    name,
    phase: isSeen ? word(status?.phase ?? 'Pending') : 'Pending',
    ready: isSeen ? ready?.status ?? 'Unknown' : 'Unknown',
    reason: isSeen ? word(ready?.reason ?? 'NotObserved') : 'NotObserved',
    message: plain(notSeen ?? ready?.message ?? 'No operator has said anything about it yet.', LONGEST_MESSAGE),
    replicas: spec.replicas ?? status?.replicas ?? 1,
    readyReplicas: status?.readyReplicas ?? 0,
    endpoint: status?.endpoint === undefined ? null : plain(status.endpoint, LONGEST_URL),
    server: said(status?.server?.name),
    version: said(status?.server?.version),
    since: timeOf(ready?.lastTransitionTime),
    verdictSince: timeOf(conditionOf(status, 'Verified')?.lastTransitionTime),
  };
}

/** What an MCPServer is known by on the page. */
export function keyOf({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

/** What a namespace, or an MCPServer, can be called. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && NAME.test(text);
}

function word(text: string): string {
  return plain(text, LONGEST_WORD);
}

function said(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : word(text);
}

function timeOf(time: string | undefined): string | null {
  return time === undefined || time === NEVER || Number.isNaN(Date.parse(time)) ? null : new Date(time).toISOString();
}
