// Stateless requests for a server that knows sessions only, and its answers for clients that know none. Pure.
import { METHOD_NOT_FOUND } from '../json-rpc.ts';
import { replaced, spanAt, withMembers } from './json-span.ts';
import { objectIn, paramsOf, type RequestMessage, type ResponseMessage } from './messages.ts';
import { META, STATELESS_VERSION } from './protocol.ts';
import type { Adapter } from './shared-child.ts';

/** What belongs to sessions, or to an era. */
const OF_SESSIONS = new Set(['initialize', 'ping', 'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe', 'subscriptions/listen']);
/** Results of these say for how long they may be kept; of a server that does not know the question: not at all. */
const CACHEABLE = new Set(['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'resources/read']);
/** What a server promises to tell unasked. */
const UNASKED = new Set(['listChanged', 'subscribe']);
/** Errors that HTTP tells by its status, too. */
const STATUSES: Readonly<Record<number, number>> = { [METHOD_NOT_FOUND]: 404, [-32_020]: 400, [-32_021]: 400, [-32_022]: 400 };

/** Passes stateless requests as they are to a server that knows them. */
export const stateless: Adapter = {
  request: ({ text }) => text,
  reply: (reply) => ({ text: reply.text, status: statusOf(reply) }),
};

/** Passes requests of sessions as they are. */
export const untouched: Adapter = { request: ({ text }) => text, reply: ({ text }) => ({ text, status: 200 }) };

/** Translates stateless requests, and the replies to them. */
export const translated: Adapter = {
  request(request) {
    const span = spanAt(request.text, ['params', '_meta']);
    if (typeof span === 'string') return request.text;
    const kept = Object.entries(objectIn(paramsOf(request)['_meta'])).filter(([key]) => !key.startsWith('io.modelcontextprotocol/'));
    return replaced(request.text, span, JSON.stringify(Object.fromEntries(kept)));
  },
  reply(reply, { method }) {
    const status = statusOf(reply);
    const span = spanAt(reply.text, ['result']);
    if (typeof span === 'string' || 'resultType' in objectIn(reply.value['result'])) return { text: reply.text, status };
    const members = CACHEABLE.has(method) ? '"resultType":"complete","ttlMs":0,"cacheScope":"private"' : '"resultType":"complete"';
    return { text: withMembers(reply.text, span, members), status };
  },
};

/** Whether a method exists in the stateless era, as far as a server of sessions can answer it. */
export function isTranslatable(method: string): boolean {
  return !OF_SESSIONS.has(method);
}

/** What a server can do that is shared: nothing that it would have to tell one client of unasked. */
export function sharedCapabilities(capabilities: unknown): Readonly<Record<string, unknown>> {
  const kept = Object.entries(objectIn(capabilities)).filter(([name]) => name !== 'logging' && name !== 'tasks');
  return Object.fromEntries(kept.map(([name, what]) => [name, without(objectIn(what), UNASKED)]));
}

/** The reply to `server/discover`, of a server that said so much to `initialize`. */
export function discovered({ id }: RequestMessage, initialized: Readonly<Record<string, unknown>>): string {
  const { capabilities, instructions, serverInfo, protocolVersion } = initialized;
  const result = {
    resultType: 'complete',
    supportedVersions: [STATELESS_VERSION, protocolVersion].filter((version) => typeof version === 'string'),
    capabilities: sharedCapabilities(capabilities),
    ...(typeof instructions === 'string' && { instructions }),
    ttlMs: 0,
    cacheScope: 'private',
    _meta: { [META.serverInfo]: serverInfo },
  };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}

function without(object: object, names: ReadonlySet<string>): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !names.has(key)));
}

function statusOf({ value }: ResponseMessage): number {
  const { code } = objectIn(value['error']);
  return typeof code === 'number' ? (STATUSES[code] ?? 200) : 200;
}
