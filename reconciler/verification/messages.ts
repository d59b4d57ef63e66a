// What the operator says to an MCP server: the messages of both protocol eras that a handshake needs.

/** The revision of the modern era: no sessions, `server/discover`. */
export const MODERN_VERSION = '2026-07-28';

/** Revisions that begin with `initialize`, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

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

/** The question of the modern era. Mints no session. */
export function discoverMessage(): OutgoingMessage {
  const _meta = {
    [`${META}/protocolVersion`]: MODERN_VERSION,
    [`${META}/clientInfo`]: CLIENT,
    [`${META}/clientCapabilities`]: {},
  };
  return {
    headers: { ...CONTENT, 'mcp-protocol-version': MODERN_VERSION, 'mcp-method': 'server/discover' },
    body: requestBody('server/discover', { _meta }),
  };
}

/** The question of the earlier era. May mint a session, which `endSessionHeaders` ends. */
export function initializeMessage(): OutgoingMessage {
  const params = { protocolVersion: LEGACY_VERSIONS[0], capabilities: {}, clientInfo: CLIENT };
  return { headers: CONTENT, body: requestBody('initialize', params) };
}

/** The headers of the DELETE that ends a session. */
export function endSessionHeaders(sessionId: string, protocolVersion: string): Record<string, string> {
  return { 'mcp-session-id': sessionId, 'mcp-protocol-version': protocolVersion };
}

function requestBody(method: string, params: object): string {
  return JSON.stringify({ jsonrpc: '2.0', id: REQUEST_ID, method, params });
}
