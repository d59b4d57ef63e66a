// Words of servers that decide about a verdict. Where words are withheld, these alone are still told apart.

/** How the event stream of the deprecated HTTP+SSE transport begins. */
export const SSE_OPENING = 'event: endpoint';
/** What servers that speak TLS answer to plain HTTP. */
export const PLAIN_TO_TLS = /HTTP request (?:was sent )?to (?:an )?HTTPS (?:server|port)/i;
/** What servers that want a certificate of the client answer to one without. */
export const NO_CLIENT_CERTIFICATE = /no required (?:SSL|TLS|client) certificate was sent|client certificate (?:is )?(?:required|missing|not (?:provided|presented|sent))/i;
/** A refusal is about the revision that was asked for. */
export const ABOUT_VERSION = /protocol version/i;
/** A refusal is about the name the server was asked under, by whatever status. */
export const ABOUT_HOST = new RegExp([
  String.raw`(?:invalid|dis-?allowed|unknown|untrusted|forbidden|blocked|unrecogni[sz]ed|unexpected|bad|mis-?matched).{0,24}host`,
  String.raw`host.{0,120}?(?:(?:not|n't|never) (?:be )?(?:allowed|permitted|trusted|recogni[sz]ed|served|accepted|valid)|invalid|forbidden|denied|mismatch|blocked|unknown)`,
  'dns.rebinding',
].join('|'), 'is');
/** The server had one session to give, which somebody has. */
export const ABOUT_ONE_SESSION = /already (?:been )?initiali[sz]ed/i;
/** A refusal is about a session, and so none about the path. */
export const ABOUT_SESSION = /\bsession\b/i;
