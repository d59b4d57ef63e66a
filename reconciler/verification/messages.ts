// What the operator says to an MCP server: the messages of both protocol eras that a handshake needs.

/** The revision of the modern era: no sessions, `server/discover`. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions that begin with `initialize`, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

const KNOWN: readonly string[] = [MODERN_VERSION, ...LEGACY_VERSIONS];

/** Whether the operator knows a revision. */
export function isKnownVersion(version: string): boolean {
  return KNOWN.includes(version);
}

/** Whether clients that begin with `initialize` know a revision. */
export function isLegacyVersion(version: string): boolean {
  return LEGACY_VERSIONS.some((each) => each === version);
}

/** A message as it is sent: headers with lower-case names, and the JSON body. */
export interface OutgoingMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The JSON-RPC id of every request of a handshake: each is alone on its connection. */
export const REQUEST_ID = 1;

const CLIENT = { name: 'mcp-operator', version: '1' };
const META = 'io.modelcontextprotocol';
const CONTENT = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
/** Who asks. */
export const USER_AGENT = `${CLIENT.name}/${CLIENT.version}`;

/** The question of the modern era. Mints no session. */
export function discoverMessage(): OutgoingMessage {
  return modernMessage('server/discover');
}

/** The question of the earlier era. May mint a session, which `endSessionHeaders` ends. */
export function initializeMessage(): OutgoingMessage {
  const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities: {}, clientInfo: CLIENT };
  return { headers: CONTENT, body: requestBody('initialize', params) };
}

/** What was agreed with a server of the earlier era. */
export interface Session {
  readonly protocolVersion: string;
  /** Undefined: the server keeps none. */
  readonly id?: string | undefined;
}

/** What a client of the earlier era says once `initialize` is answered, and before it asks anything else. */
export function initializedMessage(session: Session): OutgoingMessage {
  return { headers: { ...CONTENT, ...sessionHeaders(session) }, body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }) };
}

/** The question for the tools, or for those behind a cursor; without a session that of the modern era. */
export function listToolsMessage(session: Session | undefined, cursor?: string): OutgoingMessage {
  const params = cursor === undefined ? {} : { cursor };
  if (session === undefined) return modernMessage('tools/list', params);
  return { headers: { ...CONTENT, ...sessionHeaders(session) }, body: requestBody('tools/list', params) };
}

export interface ToolCall {
  readonly name: string;
  readonly arguments: object;
}

/** A call of a tool; without a session that of the modern era, where the name stands in a header, too. */
export function callToolMessage(call: ToolCall, session: Session | undefined): OutgoingMessage {
  if (session !== undefined) return { headers: { ...CONTENT, ...sessionHeaders(session) }, body: requestBody('tools/call', call) };
  const { headers, body } = modernMessage('tools/call', call);
  return { headers: { ...headers, 'mcp-name': headerText(call.name) }, body };
}

/** Takes back the request that a session has been asked. The modern era ends the connection instead. */
export function cancelledMessage(session: Session): OutgoingMessage {
  const params = { requestId: REQUEST_ID, reason: 'The user ended it.' };
  return { headers: { ...CONTENT, ...sessionHeaders(session) }, body: JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }) };
}

/** A text as the value of a header: what a header cannot carry as it stands is wrapped, as the modern era says. */
function headerText(text: string): string {
  const isPlain = /^[!-~](?:[ -~]*[!-~])?$/.test(text) && !text.startsWith('=?base64?');
  return isPlain ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** The headers of whatever follows `initialize`, and of the DELETE that ends a session. */
export function sessionHeaders({ id, protocolVersion }: Session): Record<string, string> {
  return { ...(id !== undefined && { 'mcp-session-id': id }), 'mcp-protocol-version': protocolVersion };
}

function modernMessage(method: string, params: object = {}): OutgoingMessage {
  const _meta = {
    [`${META}/protocolVersion`]: MODERN_VERSION,
    [`${META}/clientInfo`]: CLIENT,
    [`${META}/clientCapabilities`]: {},
  };
  return { headers: { ...CONTENT, 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method }, body: requestBody(method, { ...params, _meta }) };
}

function requestBody(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: REQUEST_ID, method, params });
}
