// JSON-RPC error codes that are sent here.

export const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;
/** The implementation's own range: refused before the protocol was reached. */
export const REFUSED = -32000;
