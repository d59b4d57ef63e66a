// Rules about verification: see rules.ts.
import type { SpecRule } from './spec-rule.ts';

/** Headers the handshake sets itself. */
const OWN_HEADER = /^(host|accept|connection|upgrade|content-.*|transfer-.*|mcp-.*)$/;

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
    cel: `!has(self.verification.header) || !self.verification.header.lowerAscii().matches(r'${OWN_HEADER.source}')`,
    message: 'verification.header cannot be one the handshake sets itself, such as Host, Accept, Content-Type or Mcp-Session-Id',
    holds: ({ verification }) => verification.header === undefined || !OWN_HEADER.test(verification.header.toLowerCase()),
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
    message: 'a stdio server has no port to speak TLS on: remove tls or choose an HTTP transport',
    holds: ({ tls, transport }) => tls === undefined || transport !== 'stdio',
  },
];
