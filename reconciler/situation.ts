// What a reconcile observed of one MCPServer: the input of everything that judges it.
import type { Reason } from '../charts/api/reasons.ts';
import { InvalidMCPServerError, resolveSpec, type Problem } from '../charts/api/resource.ts';
import type { ResolvedSpec } from '../charts/api/spec.ts';
import { managedReplicas } from '../charts/replicas.ts';
import type { DeploymentObject, MCPServerObject, PodObject } from './kinds.ts';
import type { ReferenceFindings } from './references/missing.ts';
import type { Verdict } from './verification/verdict.ts';

/** A spec that can be rendered, or what is wrong with it. */
export type Configuration = { readonly spec: ResolvedSpec } | { readonly problems: readonly Problem[] };

/** What keeps the children from being brought to the spec; stalled where a human must act, otherwise it passes by itself. */
export type Obstacle = { readonly message: string } & (
  | { readonly stalled: true; readonly reason: Reason<'Stalled'> & Reason<'Ready'> }
  | { readonly stalled: false; readonly reason: 'WaitingForDeletion' | 'Refused' }
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
  /** When its pod template changed last, as far as the operator has seen that. */
  readonly templateSince?: Date | undefined;
  readonly pods: readonly PodObject[];
  readonly hasReadyEndpoint: boolean;
  /** As deletionPolicy Orphan wants it, no child is tied to the MCPServer's life any more. */
  readonly detached?: boolean | undefined;
  /** What the handshakes say together; absent where none is done. */
  readonly verdict?: Verdict | undefined;
  readonly now: Date;
}

/** The spec with its defaults, or the rules it breaks. */
export function configurationOf({ metadata, spec }: MCPServerObject): Configuration {
  try {
    return { spec: resolveSpec(metadata.name, spec) };
  } catch (error) {
    if (error instanceof InvalidMCPServerError) return { problems: error.problems };
    throw error;
  }
}

/** Whether no pod is wanted, be it by the spec or by whatever else scales the Deployment; an autoscaler always wants one. */
export function isScaledToZero({ configuration, deployment }: Pick<Situation, 'configuration' | 'deployment'>): boolean {
  if (!('spec' in configuration)) return false;
  const { spec } = configuration;
  return spec.autoscaling === undefined && (managedReplicas(spec) ?? deployment?.spec.replicas) === 0;
}

/** The verdict before the first handshake. */
export const NOTHING_KNOWN: Verdict = { verified: 'Unknown', available: 'Unknown', reason: 'NotYetProbed', message: 'No handshake was done yet.' };
