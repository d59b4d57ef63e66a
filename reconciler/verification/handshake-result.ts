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
}

/** Evidence that an MCP client cannot use the server. The message says what was seen and what to do. */
export interface Failed {
  readonly outcome: 'Failed';
  readonly reason: 'NotMCP' | 'WrongPath' | 'EraMismatch' | 'SSEOnly' | 'Hang' | 'OversizedReply' | 'Forbidden' | 'BadCertificate' | 'NotTLS';
  readonly message: string;
}

/** No evidence either way. */
export interface Unknown {
  readonly outcome: 'Unknown';
  readonly reason: 'Unreachable' | 'TLSRequired';
  readonly message: string;
}

export type HandshakeResult = Passed | Failed | Unknown;
