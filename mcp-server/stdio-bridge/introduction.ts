// Makes the acquaintance of a process as a client would: does it speak MCP, and of which era?
import type { Child } from './child.ts';
import { objectIn, type ResponseMessage } from './messages.ts';
import { STATELESS_VERSION, SESSION_VERSIONS, envelope } from './protocol.ts';
import { failureOfEnd, failureOfRefusal, failureOfSilence, type StartFailure } from './start-failure.ts';

/** A server that passes over what it does not know says nothing to the first question; then it is asked the second one, too. */
const SILENCE_MS = 10_000;
/**
 * When it is looked at what a process does that has not answered yet. Whoever listens on a port after the first of these most likely
 * speaks HTTP; lines on standard output may be a greeting until it has had time to answer.
 */
const LOOKS_MS = [5000, 20_000, 40_000, 60_000];
const GREETING_MS = 20_000;
const DISCOVER_ID = 'bridge-discover';
const INITIALIZE_ID = 'bridge-initialize';

/** What a process said of itself. */
export type Introduction =
  /** It answers stateless requests. */
  | { readonly era: 'stateless'; readonly result: Readonly<Record<string, unknown>> }
  /** It completed the handshake of the earlier era, and knows no other. */
  | { readonly era: 'sessions'; readonly result: Readonly<Record<string, unknown>> }
  | NoIntroduction;

/** It said nothing of the kind. */
export interface NoIntroduction {
  readonly era: 'none';
  readonly failure: StartFailure;
  /** Whether it has ended. */
  readonly ended: boolean;
}

export interface IntroductionOptions {
  readonly timeoutMs: number;
  /** Whether stateless requests are tried first, as clients do that know both eras. */
  readonly discover: boolean;
  /** Hears, while it is waited on, of what speaks against a process that runs; it may answer all the same. */
  readonly onDoubt?: ((failure: StartFailure) => void) | undefined;
}

/** Resolves when the process has answered, has ended, or has been silent for too long. */
export async function introduce(child: Child, { timeoutMs, discover, onDoubt }: IntroductionOptions): Promise<Introduction> {
  // What has to be made first has a bound of its own.
  await child.begun;
  const { promise, resolve } = Promise.withResolvers<Introduction>();
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    child.send(request(INITIALIZE_ID, 'initialize', { protocolVersion: SESSION_VERSIONS[0], capabilities: {}, clientInfo: envelope.clientInfo }));
  };
  const silent = setTimeout(begin, SILENCE_MS);
  const forget = watchSilence(child, { timeoutMs, onDoubt, onLate: (failure) => resolve(failed(failure)) });
  child.assign('probe', {
    onMessage: (message) => {
      if (message.kind !== 'response') return;
      if (message.id === DISCOVER_ID && isStateless(message)) return resolve({ era: 'stateless', result: resultOf(message) });
      if (message.id === DISCOVER_ID) return begin();
      if (message.id !== INITIALIZE_ID) return;
      if (!('result' in message.value)) return resolve(failed(failureOfRefusal(String(objectIn(message.value['error'])['message']), child.lastWords)));
      child.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
      resolve({ era: 'sessions', result: resultOf(message) });
    },
    onLong: ({ bytes }) => resolve(failed({ kind: 'PrintsNoProtocol', why: `its first answer has ${bytes} bytes`, lastWords: child.lastWords })),
    onEnd: (end) => resolve({ era: 'none', failure: failureOfEnd(end), ended: true }),
  });
  if (discover) child.send(request(DISCOVER_ID, 'server/discover', { _meta: envelope.meta }));
  else begin();
  try {
    return await promise;
  } finally {
    clearTimeout(silent);
    forget();
  }
}

type Silence = Omit<IntroductionOptions, 'discover'> & { readonly onLate: (failure: StartFailure) => void };

/** Looks at times what a process does that has not answered, until the returned function is called. */
function watchSilence(child: Child, { timeoutMs, onDoubt, onLate }: Silence): () => void {
  let isOver = false;
  const look = async (afterMs: number): Promise<void> => {
    const failure = failureOfSilence(await child.silence(afterMs / 1000));
    if (isOver) return;
    if (afterMs === timeoutMs) onLate(failure);
    else if (failure.kind === 'SpeaksHTTP' || (failure.kind === 'PrintsNoProtocol' && afterMs >= GREETING_MS)) onDoubt?.(failure);
  };
  const times = onDoubt === undefined ? [] : LOOKS_MS.filter((afterMs) => afterMs < timeoutMs);
  const timers = [...times, timeoutMs].map((afterMs) => setTimeout(() => void look(afterMs), afterMs));
  return () => {
    isOver = true;
    for (const timer of timers) clearTimeout(timer);
  };
}

function failed(failure: StartFailure): NoIntroduction {
  return { era: 'none', failure, ended: false };
}

function request(id: string, method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

function resultOf({ value }: ResponseMessage): Readonly<Record<string, unknown>> {
  return objectIn(value['result']);
}

function isStateless(message: ResponseMessage): boolean {
  const { supportedVersions } = resultOf(message);
  return Array.isArray(supportedVersions) && supportedVersions.includes(STATELESS_VERSION);
}
