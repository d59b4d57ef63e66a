// What is answered while the server has not started, or did not. The operator has an answer at once, and is told all that is known. Pure.
import type { ErrorReply } from './answer-stream.ts';
import { objectIn, paramsOf, type Id, type RequestMessage } from './messages.ts';
import { META } from './protocol.ts';
import type { NotReady } from './readiness.ts';
import type { StartFailure } from './start-failure.ts';

/** How the operator introduces itself. Anybody may pretend to be it, and has nothing from that but answers about the server's start. */
const OPERATOR = 'mcp-operator';
/** Seconds after which it is worth to ask again. */
const RETRY_AFTER = { 'Retry-After': '1' };

/** What anybody is told while the bridge drains. */
export const STOPPING = 'The bridge is stopping: try again, and another one answers.';

/** Whether a request is a question of the operator's. */
export function isOfOperator(request: RequestMessage): boolean {
  const params = paramsOf(request);
  return [params['clientInfo'], objectIn(params['_meta'])[META.clientInfo]].some((client) => objectIn(client)['name'] === OPERATOR);
}

/** What it is told while no process completed a handshake. */
export function whyNotReady(id: Id, notReady: NotReady): ErrorReply {
  const { kind, why } = notReady;
  if (kind === 'Starting') return notYet(id, why);
  if (kind === 'Stopping') return { status: 503, id, message: STOPPING, data: { kind }, headers: RETRY_AFTER };
  return { status: 502, id, message: `The MCP server did not start: ${why}.`, data: notReady };
}

/** What it is told when a process takes longer to start than it waits. */
export function notYet(id: Id, why: string): ErrorReply {
  return { status: 503, id, message: `The MCP server is being started: ${why}.`, data: { kind: 'Starting' }, headers: RETRY_AFTER };
}

/** What any client is told when a server did not start: what kind of failure it is, without the server's words, which are not for everybody. */
export function notStarted(id: Id, { kind, why, exitCode, signal, port }: StartFailure): ErrorReply {
  const numbers = { ...(exitCode !== undefined && { exitCode }), ...(port !== undefined && { port }) };
  const data = { kind, ...numbers, ...(signal !== undefined && { signal }) };
  return { status: 502, id, message: `The MCP server did not start: ${why}.`, data };
}
