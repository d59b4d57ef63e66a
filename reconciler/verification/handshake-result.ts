// What a handshake found, in the words of the MCPServer's status.

/** What is known of a server that answered. */
export interface ServerInfo {
  readonly name?: string;
  readonly version?: string;
  readonly protocolVersions: string[];
  readonly sessions: 'Stateful' | 'Stateless';
}

/** An MCP client can use the server, or could with credentials. */
export interface Passed {
  readonly outcome: 'Passed';
  readonly reason: 'Verified' | 'AuthRequired';
  readonly message: string;
  /** Absent when the server demands authentication. */
  readonly server?: ServerInfo;
  /** Which clients cannot use it all the same, as a sentence that the message ends with. */
  readonly note?: string;
}

/**
 * Nothing came back, not even a sign that the pod was reached: either it hangs, or there is no way to it. What the result
 * says is likelier, and only as good as the way to other pods.
 */
interface MaybeSilence {
  readonly silent?: true;
}

/** Evidence that an MCP client cannot use the server. The message says what was seen and what to do. */
export interface Failed extends MaybeSilence {
  readonly outcome: 'Failed';
  /** Nothing changes before the server starts anew: who asks once more finds only itself. */
  readonly isFinal?: true;
  readonly reason: 'NotMCP' | 'WrongPath' | 'EraMismatch' | 'SSEOnly' | 'Hang' | 'ToolsNotListed' | 'OneSession' | 'OversizedReply' | 'Forbidden' | 'BadCertificate' | 'NotTLS' | 'ChildNotStarted';
  readonly message: string;
  /** Where MCP answers instead; the message says so. */
  readonly elsewhere?: Elsewhere;
}

/** An MCP endpoint at another path than the one that was asked. */
export interface Elsewhere {
  readonly path: string;
  /** Whether a client could use it, something is wrong there as well, or a client is asked for credentials. */
  readonly kind: 'Works' | 'SpeaksMCP' | 'AsksForCredentials';
  readonly transport: 'Streamable HTTP' | 'HTTP+SSE';
}

/** No evidence either way. */
export interface Unknown extends MaybeSilence {
  readonly outcome: 'Unknown';
  /** Starting: a stdio server is being started, in a time of its own; that says nothing against it. */
  readonly reason: 'Unreachable' | 'TLSRequired' | 'Starting';
  readonly message: string;
}

export type HandshakeResult = Passed | Failed | Unknown;
