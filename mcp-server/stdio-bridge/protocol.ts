// The revisions of MCP that the bridge knows, and the names of what it reads in messages.
import { VERSION } from './version.ts';

/** The revision without sessions. */
export const STATELESS_VERSION = '2026-07-28';
/** Revisions that begin with `initialize`, newest first. */
export const SESSION_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const;

export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** Codes of errors that the protocol itself defines. */
export const HEADER_MISMATCH = -32_020;
export const UNSUPPORTED_VERSION = -32_022;
/** What servers of the TypeScript SDK say of a session that is not there. */
export const SESSION_NOT_FOUND = -32_001;

const clientInfo = { name: 'mcp-stdio-bridge', version: VERSION };

/** How the bridge introduces itself where it is the client. It can do nothing that a server could ask of it. */
export const envelope = {
  clientInfo,
  meta: { [META.protocolVersion]: STATELESS_VERSION, [META.clientCapabilities]: {}, [META.clientInfo]: clientInfo },
} as const;
