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

/** The question for the tools; without a session that of the modern era. */
export function listToolsMessage(session: Session | undefined): OutgoingMessage {
  if (session === undefined) return modernMessage('tools/list');
  return { headers: { ...CONTENT, ...sessionHeaders(session) }, body: requestBody('tools/list', {}) };
}

/** The headers of whatever follows `initialize`, and of the DELETE that ends a session. */
export function sessionHeaders({ id, protocolVersion }: Session): Record<string, string> {
  return { ...(id !== undefined && { 'mcp-session-id': id }), 'mcp-protocol-version': protocolVersion };
}

function modernMessage(method: string): OutgoingMessage {
  const _meta = {
    [`${META}/protocolVersion`]: MODERN_VERSION,
    [`${META}/clientInfo`]: CLIENT,
    [`${META}/clientCapabilities`]: {},
  };
  return { headers: { ...CONTENT, 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': method }, body: requestBody(method, { _meta }) };
}

function requestBody(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: REQUEST_ID, method, params });
}
