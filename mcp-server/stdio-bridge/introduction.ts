// Makes the acquaintance of a process as a client would: does it speak MCP, and of which era?
import type { Child } from './child.ts';
import { objectIn, type ResponseMessage } from './messages.ts';
import { STATELESS_VERSION, SESSION_VERSIONS, envelope } from './protocol.ts';

/** A server that passes over what it does not know says nothing to the first question; then it is asked the second one, too. */
const SILENCE_MS = 10_000;
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
  readonly why: string;
  readonly lastWords: readonly string[];
  /** Whether it has ended, and whether it ever began. */
  readonly ended: boolean;
  readonly isUnstartable?: boolean;
}

export interface IntroductionOptions {
  readonly timeoutMs: number;
  /** Whether stateless requests are tried first, as clients do that know both eras. */
  readonly discover: boolean;
}

/** Resolves when the process has answered, has ended, or has been silent for too long. */
export async function introduce(child: Child, { timeoutMs, discover }: IntroductionOptions): Promise<Introduction> {
  const { promise, resolve } = Promise.withResolvers<Introduction>();
  let hasBegun = false;
  const begin = (): void => {
    if (hasBegun) return;
    hasBegun = true;
    child.send(request(INITIALIZE_ID, 'initialize', { protocolVersion: SESSION_VERSIONS[0], capabilities: {}, clientInfo: envelope.clientInfo }));
  };
  const failed = (why: string): Introduction => ({ era: 'none', why, lastWords: child.lastWords, ended: false });
  const late = setTimeout(() => resolve(failed(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const silent = setTimeout(begin, SILENCE_MS);
  child.assign('probe', {
    onMessage: (message) => {
      if (message.kind !== 'response') return;
      if (message.id === DISCOVER_ID && isStateless(message)) return resolve({ era: 'stateless', result: resultOf(message) });
      if (message.id === DISCOVER_ID) return begin();
      if (message.id !== INITIALIZE_ID) return;
      if (!('result' in message.value)) return resolve(failed(`it refused initialize: ${String(objectIn(message.value['error'])['message'])}`));
      child.send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
      resolve({ era: 'sessions', result: resultOf(message) });
    },
    onLong: ({ bytes }) => resolve(failed(`its first answer has ${bytes} bytes`)),
    onEnd: ({ how, lastWords }) => resolve({ era: 'none', why: how, lastWords, ended: true, isUnstartable: child.pid === undefined }),
  });
  if (discover) child.send(request(DISCOVER_ID, 'server/discover', { _meta: envelope.meta }));
  else begin();
  try {
    return await promise;
  } finally {
    clearTimeout(late);
    clearTimeout(silent);
  }
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
