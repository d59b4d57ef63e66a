// The names under which the API is served. Whoever forks the project changes the group here, and only here.

/** API group of the MCPServer resource; also the prefix of the project's own labels and annotations. */
export const GROUP = 'mcp.example.com';
/** The one served and stored version. */
export const VERSION = 'v1alpha1';
/** `apiVersion` of an MCPServer manifest. */
export const API_VERSION = `${GROUP}/${VERSION}`;
/** Kind of the resource. */
export const KIND = 'MCPServer';
/** Plural name, as in URLs and RBAC rules. */
export const PLURAL = 'mcpservers';
