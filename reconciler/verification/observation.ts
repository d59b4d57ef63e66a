// What is seen of an MCPServer and its pods, and remembered while they are asked.
import type { HandshakeResult } from './handshake-result.ts';
import type { Introductions } from './introductions.ts';
import type { PodProbe } from './pod-probe.ts';
import type { Failing } from './rotation.ts';
import type { Guard } from './secured-exchange.ts';
import type { LastWords } from './start-failure.ts';

/** A pod that can be asked: it serves, which is to be ready and not terminating, or its container runs and is not ready yet. */
export interface ServingPod {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly ip: string;
  /** Where its MCP container listens. */
  readonly port: number;
  /** Restarts of its MCP container: each makes it a new server. */
  readonly restarts: number;
}

/** Names one start of the MCP container of one pod. */
export function containerOf({ uid, restarts }: Pick<ServingPod, 'uid' | 'restarts'>): string {
  return `${uid}/${restarts}`;
}

/** What to ask, and how often. */
export interface Observation {
  readonly pods: readonly ServingPod[];
  /** All containers there are, those that do not serve too, as `containerOf` names them. Default: those that serve. */
  readonly existing?: readonly string[] | undefined;
  readonly path: string;
  /** Host header. */
  readonly host: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly guard: Guard;
  /** Whether what a stdio server said before it ended is quoted. Default: Show. */
  readonly lastWords?: LastWords | undefined;
  /** What the stored status says: matters after a restart of the operator. */
  readonly verifiedBefore: boolean;
}

/** One container of one pod at one endpoint, while it serves. */
export interface Watched {
  readonly server: Server;
  readonly pod: ServingPod;
  /** What the record is about; when it changes there is nothing known. */
  readonly identity: string;
  readonly stop: AbortController;
  probe: PodProbe;
  /** When it last answered, or was given up. */
  answeredMs: number;
  /** The last handshake took long. */
  slow: boolean;
  /** Out of reach, and not believed. */
  held: boolean;
  /** A handshake with it runs. */
  running: boolean;
  /** To be asked once more when the present question is answered. */
  again: boolean;
  /** Cancels the timer of the next handshake, while it passes. */
  cancel?: (() => void) | undefined;
}

/** A handshake that passed. */
export interface Pass {
  /** When. */
  readonly at: Date;
  /** How long it took. */
  readonly seconds: number;
}

/** An MCPServer whose pods are asked. */
export interface Server {
  readonly key: string;
  readonly namespace: string;
  readonly pods: Map<string, Watched>;
  readonly introductions: Introductions;
  observation: Observation;
  failing: Failing;
  /** The last handshake with any of its pods took long. */
  slow: boolean;
  /** Cancels the timer of the next turn of the pods that fail. */
  cancelTurn?: (() => void) | undefined;
  /** Undefined while no pod serves. */
  lastPass?: Pass | undefined;
}

/** Whether the verdict on a server out of reach is held. */
export function isHeld({ pods }: Server): boolean {
  return [...pods.values()].some(({ held }) => held);
}

/** Whether nothing came back, not even a sign that the pod was reached. */
export function isSilent(result: HandshakeResult): boolean {
  return result.outcome !== 'Passed' && result.silent === true;
}
