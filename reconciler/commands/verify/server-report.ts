// What `mcp-operator verify NAME` found of the pods of an MCPServer, as one JSON object and as lines of 80 columns. Pure.
import type { HandshakeResult } from '../../verification/handshake-result.ts';
import type { MCPServerObject } from '../../kinds.ts';
import { wrapped } from '../wrapped.ts';
import { introductionOf, meaningOf, type Report } from './report.ts';
import { toolLines } from './tool-lines.ts';
import type { Asked } from './verify.ts';

/** What one pod answered. */
export interface PodReport extends Pick<Report, 'outcome' | 'reason' | 'message' | 'server' | 'tools' | 'exchanges' | 'tried'> {
  readonly pod: string;
}

/** The output in JSON. Every key is always there; new ones may be added. */
export interface ServerReport {
  readonly namespace: string;
  readonly name: string;
  /** Failed where one pod fails, else Unknown where one could not be asked, else Passed. */
  readonly outcome: HandshakeResult['outcome'];
  /** Of the first pod with that outcome. */
  readonly reason: HandshakeResult['reason'];
  /** How many pods could have been asked. */
  readonly of: number;
  readonly pods: readonly PodReport[];
}

const WORST_FIRST = ['Failed', 'Unknown', 'Passed'] as const;

/** A pod's answer, in the words of the status: whoever asks by name has an MCPServer to change. */
export function podReport(pod: string, { result, exchanges, tried, tools }: Asked): PodReport {
  const { outcome, reason, message } = result;
  const server = result.outcome === 'Passed' && result.server !== undefined ? introductionOf(result.server) : null;
  return { pod, outcome, reason, message, server, tools, exchanges, tried };
}

/** All of them; there is one at least. */
export function serverReport({ metadata: { namespace, name } }: MCPServerObject, { pods, of }: Pick<ServerReport, 'pods' | 'of'>): ServerReport {
  const decisive = WORST_FIRST.map((outcome) => pods.find((pod) => pod.outcome === outcome)).find((pod) => pod !== undefined);
  const { outcome = 'Unknown', reason = 'Unreachable' } = decisive ?? {};
  return { namespace, name, outcome, reason, of, pods };
}

/** The verdicts; pods that say the same are told together. */
export function serverLines({ outcome, reason, of, pods }: ServerReport): string {
  const alike = [...Map.groupBy(pods, ({ reason: each, message }) => `${each}: ${message}`)];
  const verdicts = alike.map(([verdict, those]) => wrapped(`${of === 1 ? '' : `${those.length} of ${of} pods: `}${verdict}`, '  '));
  const tools = pods.find((pod) => pod.tools !== null)?.tools;
  return [...verdicts, wrapped(meaningOf(outcome, reason)), ...(tools ? ['', ...toolLines(tools)] : [])].join('\n');
}
