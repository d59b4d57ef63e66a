// What a reconcile observed of one MCPServer: the input of everything that judges it.
import type { Reason } from '../../charts/api/reasons.ts';
import type { Problem } from '../../charts/api/mcpserver.ts';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { managedReplicas } from '../../charts/replicas.ts';
import type { AutoscalerObject, DeploymentObject, MCPServerObject, PodObject } from '../kinds.ts';
import type { ReferenceFindings } from '../references/missing.ts';
import type { LastWords } from './trouble.ts';
import type { Unstarted } from './unstarted.ts';
import type { Verdict } from '../verification/verdict.ts';

/** Whether verification is asked for. */
export type Mode = ResolvedSpec['verification']['mode'];

/** A spec that can be rendered, or what is wrong with it, and the mode of verification as far as it can be told. */
export type Configuration =
  /** `sentences`: what is to be said of it. */
  | { readonly spec: ResolvedSpec; readonly sentences: string }
  | { readonly problems: readonly Problem[]; readonly mode: Mode };

/** What keeps the children from being brought to the spec; stalled where a human must act, otherwise it passes by itself. */
export type Obstacle = { readonly message: string } & (
  | { readonly stalled: true; readonly reason: Reason<'Stalled'> & Reason<'Ready'> }
  | { readonly stalled: false; readonly reason: 'WaitingForDeletion' | 'QuotaExceeded' }
  /** `live`: what failed changes nothing about what the spec leads to, which is there. */
  | { readonly stalled: false; readonly reason: 'Retrying'; readonly live?: boolean }
  | { readonly stalled: false; readonly reason: 'Suspended' }
);

/** Everything the status depends on. */
export interface Situation {
  readonly server: MCPServerObject;
  readonly configuration: Configuration;
  readonly obstacle?: Obstacle | undefined;
  /** What is missing of the objects the spec refers to; absent where they are not looked at. */
  readonly references?: ReferenceFindings | undefined;
  /** The Deployment, if it is the server's own. */
  readonly deployment?: DeploymentObject | undefined;
  /** The HorizontalPodAutoscaler, if it is the server's own. */
  readonly autoscaler?: AutoscalerObject | undefined;
  /** When its pod template changed last, as far as the operator has seen that. */
  readonly templateSince?: Date | undefined;
  readonly pods: readonly PodObject[];
  /** What the events of pods that wait say, by uid of the pod. */
  readonly words?: ReadonlyMap<string, readonly string[]> | undefined;
  /** Whether what containers said before they ended is quoted. Default: Show. */
  readonly lastWords?: LastWords | undefined;
  readonly hasReadyEndpoint: boolean;
  /** Objects that look like the server's own and that the operator may not delete: kind, name and what to do. */
  readonly strays?: readonly string[] | undefined;
  /** As deletionPolicy Orphan wants it, no child is tied to the MCPServer's life any more. */
  readonly detached?: boolean | undefined;
  /** What the handshakes say together; absent where none is done. */
  readonly verdict?: Verdict | undefined;
  /** Of a stdio server: the pods that are not ready because it does not start. */
  readonly unstarted?: readonly Unstarted[] | undefined;
  /** Where the spec is invalid and nobody is asked: whether a pod that gave the last verdict still serves. */
  readonly witnessed?: boolean | undefined;
  /** Where the spec is invalid: the endpoint of the last valid one, if this process has seen it. */
  readonly lastEndpoint?: string | undefined;
  readonly now: Date;
}

/** What the spec and the installation say together; of a spec of which nothing is known to be valid, too. */
export function lastWordsIn(spec: { readonly lastWords?: unknown } | undefined, installation: LastWords): LastWords {
  return installation === 'Show' && (spec?.lastWords ?? 'Show') === 'Show' ? 'Show' : 'Hide';
}

/** Of a spec of which nothing is known to be valid. */
export function modeIn(spec: { readonly verification?: unknown } | undefined): Mode {
  const { mode } = (spec?.verification ?? {}) as { readonly mode?: unknown };
  return mode === 'Off' || mode === 'Observe' ? mode : 'Require';
}

/** Whether no pod is wanted, be it by the spec or by whatever else scales the Deployment; an autoscaler always wants one. */
export function isScaledToZero({ configuration, deployment }: Pick<Situation, 'configuration' | 'deployment'>): boolean {
  if (!('spec' in configuration)) return false;
  const { spec } = configuration;
  return spec.autoscaling === undefined && (managedReplicas(spec) ?? deployment?.spec.replicas) === 0;
}

/** The verdict before the first handshake. */
export const NOTHING_KNOWN: Verdict = { verified: 'Unknown', available: 'Unknown', reason: 'NotYetProbed', message: 'No handshake was done yet.' };
