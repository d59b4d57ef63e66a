// Conditions as the Kubernetes API conventions want them. Pure.
// https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md
import type { Reason } from '../../charts/api/reasons.ts';
import { CONDITION_TYPES, MAX_MESSAGE_LENGTH, type Condition, type ConditionType, type MCPServerStatus } from '../../charts/api/status.ts';
import { plain } from '../../kubernetes/text.ts';

/** What is so, why, and what to do about it. */
export interface Finding<R extends Reason = Reason> {
  readonly status: Condition['status'];
  readonly reason: R;
  readonly message: string;
}

/** Findings by condition type; `undefined` removes a condition. */
export type Findings = { readonly [T in ConditionType]: Finding<Reason<T>> | undefined };

/** When and of which generation the findings are. */
export interface Observation {
  readonly generation: number;
  readonly now: Date;
  readonly previous: readonly Condition[];
}

/**
 * Findings as conditions; `lastTransitionTime` moves only when a status does. Every message is one plain line within the
 * bound of the CRD, so that no text can keep a status from being written; an empty one is replaced by the reason.
 */
export function toConditions(findings: Findings, { generation, now, previous }: Observation): Condition[] {
  return CONDITION_TYPES.flatMap((type) => {
    const finding = findings[type];
    if (finding === undefined) return [];
    const before = find(previous, type);
    const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : timestamp(now);
    const message = plain(finding.message, MAX_MESSAGE_LENGTH) || finding.reason;
    return [{ type, ...finding, message, observedGeneration: generation, lastTransitionTime }];
  });
}

/** The condition of a type, as the operator wrote it into a status. */
export function conditionOf(status: MCPServerStatus | undefined, type: ConditionType): Condition | undefined {
  return find(status?.conditions ?? [], type);
}

/** What the CRD says of an MCPServer before anybody looked at it. Nobody found it out, so it is no condition here. */
const UNOBSERVED: Reason<'Ready'> = 'NotObserved';

function find(conditions: readonly Condition[], type: ConditionType): Condition | undefined {
  return conditions.find((condition) => condition.type === type && condition.reason !== UNOBSERVED);
}

/** Kubernetes keeps condition times in whole seconds. */
function timestamp(now: Date): string {
  return `${now.toISOString().slice(0, 19)}Z`;
}
