// Why real clients differ, where it is the same for several servers.

export const PY_NULL = 'Python’s client reads null as a member that is missing.';
export const PY_BOOLEAN = 'Python’s client takes words such as true and yes for booleans.';
export const PY_MEMBER = 'Python’s client lets a message have members that JSON-RPC does not have.';
export const PY_READY = 'Python’s client does not look at what comes of notifications/initialized.';
export const PY_MEDIA = 'Python’s client looks at no more than how a media type begins.';
export const PY_HTTP = 'The HTTP of Python’s client is laxer than that of Node.';
export const PY_BATCH = 'Python’s client knows no batches.';
export const PY_MARK = 'Python’s client takes no byte order mark.';
export const PY_TOKEN = 'Python’s client does not look at a progressToken in a result.';
export const V2_PROBE = 'The SDK v2 gives up over such an answer to its first question, where the others go on to initialize.';
export const V2_PY_PROBE = 'The SDK v2 and Python’s client give up over such an answer to their first question; the SDK v1 does not ask it.';
export const V1_MODERN = 'The SDK v1 knows the earlier era alone.';
export const V1_OUTPUT = 'The SDK v1 compiles the output schemas of tools when it lists them.';
export const V1_PROPERTY = 'The SDK v1 takes objects alone as schemas of properties.';
export const V2_LIST = 'The SDK v1 takes a list for an object here, the others do not.';
