// Words of servers that decide about a verdict. Where words are withheld, these alone are still told apart.

/** How the event stream of the deprecated HTTP+SSE transport begins. */
export const SSE_OPENING = 'event: endpoint';
/** What servers that speak TLS answer to plain HTTP. */
export const PLAIN_TO_TLS = /HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/i;
/** A refusal is about the revision that was asked for. */
export const ABOUT_VERSION = /protocol version/i;
