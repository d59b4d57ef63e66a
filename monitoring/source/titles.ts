// What our dashboards are called. Links lead to a `uid`, so it stays.

/** That of MCPServers. */
export const SERVERS = { uid: 'mcp-servers', title: 'MCP servers' } as const;
/** That of the operator. */
export const OPERATOR = { uid: 'mcp-operator', title: 'MCP operator' } as const;
