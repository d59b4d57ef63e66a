// Rules about verification: see rules.ts.
import type { SpecRule } from './spec-rule.ts';

/**
 * Headers that are not for a credential, `_` as `-`, for to many programs these are the same: what the handshake sets itself, what
 * frames a message or ends at the next hop, what tells the API server or a proxy who asks, from where, and for what.
 */
const TAKEN_HEADERS = [
  'host', 'accept(-.*)?', 'connection', 'content-.*', 'expect', 'http2-settings', 'keep-alive', 'mcp-.*', 'te', 'trailers?', 'transfer-.*', 'upgrade(-.*)?',
  'audit-id', 'impersonate-.*', 'proxy-.*', 'sec-.*', 'ssl-client-.*', 'x-client-cert.*', 'x-forwarded-client-cert', 'x-remote-.*', 'x-ssl-.*',
  'cf-connecting-ip(v6)?', 'client-ip', 'fastly-client-ip', 'forwarded(-.*)?', 'max-forwards', 'true-client-ip', 'via', 'x-client-ip', 'x-cluster-client-ip', 'x-envoy-.*', 'x-forwarded(-.*)?', 'x-real-ip',
  'cache-control', 'if-.*', 'origin', 'range', 'traceparent', 'user-agent', 'x-kubernetes-.*', 'x-stream-protocol-version',
  'x-http-(host|method|path).*', 'x-host', 'x-method-.*', 'x-original-.*', 'x-rewrite-.*',
];
const TAKEN_HEADER = new RegExp(`^(${TAKEN_HEADERS.join('|')})$`);

/** Whether a header of this name could be taken for something else than a credential of a server. */
export function isTakenHeader(name: string): boolean {
  return TAKEN_HEADER.test(name.toLowerCase().replaceAll('_', '-'));
}

export const VERIFICATION_RULES: readonly SpecRule[] = [
  {
    field: 'verification',
    cel: 'self.verification.timeoutSeconds <= self.verification.intervalSeconds',
    message: 'verification.timeoutSeconds must not be larger than verification.intervalSeconds',
    holds: ({ verification }) => verification.timeoutSeconds <= verification.intervalSeconds,
  },
  {
    field: 'verification.header',
    cel: '!has(self.verification.header) || has(self.verification.credentialsSecretRef)',
    message: 'verification.header names the header for credentials: set verification.credentialsSecretRef as well, or remove it',
    holds: ({ verification }) => verification.header === undefined || verification.credentialsSecretRef !== undefined,
  },
  {
    field: 'verification.header',
    cel: `!self.lowerAscii().replace('_', '-').matches('${TAKEN_HEADER.source}')`,
    message: 'verification.header cannot be one that the handshake sets itself, or that the API server or a proxy acts on, such as Host, Connection, Impersonate-User or X-Forwarded-For',
    sparesStored: true,
    meanwhile: 'the handshake goes without credentials',
    holds: ({ verification: { header } }) => header === undefined || !isTakenHeader(header),
  },
  {
    field: 'verification.credentialsSecretRef',
    cel: "!has(self.verification.credentialsSecretRef) || self.verification.mode != 'Off'",
    message: 'verification.credentialsSecretRef has no use with mode Off: remove it, or choose Require or Observe',
    holds: ({ verification }) => verification.credentialsSecretRef === undefined || verification.mode !== 'Off',
  },
  {
    field: 'tls',
    cel: "!has(self.tls) || self.transport != 'stdio'",
    message: 'the bridge that serves a stdio server speaks no TLS: remove tls or choose an HTTP transport',
    holds: ({ tls, transport }) => tls === undefined || transport !== 'stdio',
  },
];
