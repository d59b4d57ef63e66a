// One handshake with one pod, whatever guards it: ends in a result, not in an error.
import type { Logger } from 'pino';
import { askedPath } from '../../charts/api/path-rules.ts';
import type { Clock } from '../runtime/clock.ts';
import type { HttpExchange } from './exchange.ts';
import { handshake } from './handshake.ts';
import type { HandshakeResult } from './handshake-result.ts';
import type { PodAddress } from './pod-access.ts';
import { securedExchange, type Guard, type ReadKey } from './secured-exchange.ts';
import type { LastWords } from './start-failure.ts';

/** What asking needs from outside. */
export interface PodAsker {
  readonly exchangeFor: (pod: PodAddress) => HttpExchange;
  readonly readKey: ReadKey;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Of a path stored before the rule about it, which not even URLs make plain. */
const NOT_ASKED: HandshakeResult = {
  outcome: 'Unknown', reason: 'Unreachable', message: 'The server is not asked, for programs on the way to it may not agree on what spec.path means: write it plainly.',
};

export interface Question {
  /** `namespace/name` of the MCPServer. */
  readonly key: string;
  readonly pod: PodAddress;
  readonly path: string;
  /** Host header; the certificate must be for the name in it. */
  readonly host: string;
  readonly timeoutSeconds: number;
  readonly guard: Guard;
  /** Whether to wait on where that tells a server that hangs from one out of reach. */
  readonly patient: boolean;
  /** Whether to look at the usual paths when MCP is not at this one. */
  readonly looks: boolean;
  /** Whether what a stdio server said before it ended is quoted. Default: Show. */
  readonly lastWords?: LastWords | undefined;
  readonly signal: AbortSignal;
}

/** Asks; undefined when `signal` aborted meanwhile. */
export async function askPod({ exchangeFor, readKey, clock, log }: PodAsker, question: Question): Promise<HandshakeResult | undefined> {
  const { key, pod, host, guard, timeoutSeconds, signal, path, patient, looks, lastWords } = question;
  const [namespace = '', name] = key.split('/');
  try {
    const asked = askedPath(path);
    if (asked === undefined) return NOT_ASKED;
    const secured = await securedExchange(exchangeFor(pod), { namespace, host, guard }, (reference) => readKey(reference, signal));
    if (!('exchange' in secured)) return secured;
    const { exchange, bare, withhold, judge } = secured;
    const options = { path: asked, host, clock, timeoutMs: timeoutSeconds * 1000, patient, looks, lastWords, signal };
    const guarded = { isTls: guard.tls !== undefined, withhold, bare };
    const result = judge(await handshake(exchange, { ...options, ...guarded }));
    log.debug({ namespace, name, pod: pod.name, outcome: result.outcome, reason: result.reason }, 'handshake');
    return result;
  } catch (error) {
    if (signal.aborted) return undefined;
    const isQuiet = guard.credentialsSecretRef !== undefined || guard.knowsCredentials === true;
    log.error({ err: isQuiet ? placeOf(error) : error, namespace, name, pod: pod.name }, 'the handshake broke down');
    return { outcome: 'Unknown', reason: 'Unreachable', message: 'The operator failed to ask the server; see its log.' };
  }
}

/** Where an error happened: its message may quote what the server said. */
export function placeOf(error: unknown): string {
  const { name = 'Error', message = '', stack = '' } = error instanceof Error ? error : {};
  return [name, ...stack.slice(stack.indexOf(message) + message.length).split('\n')].join('\n');
}
