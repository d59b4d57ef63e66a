// Examples of the rules about what a handshake is sent with: header and path; see rule-examples.ts.
import type { RuleExamples } from './rule-examples.ts';

const secretKeyRef = { name: 'a', key: 'k' };
const withHeader = (header: string): object => ({ verification: { header, credentialsSecretRef: secretKeyRef } });

export const REQUEST_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'path cannot have segments "." and "..", backslashes or control characters, also not encoded: write it as servers see it': {
    accepted: [
      '/', '/mcp/', '/.well-known/mcp', '/...', '/a..b', '/..a', '/a.', '/a//b', '/a;v=1.2', '/a/;..', '/%20%2e%2ea', '/a%2fb', '/%25', '/%c3%a4', '/v1.0/mcp',
    ].map((path) => ({ path })) as [object, ...object[]],
    rejected: [
      '/..', '/.', '/a/../b', '/./a', '/a/.', '/../../../api/v1/secrets', '/%2e%2e/a', '/%2E%2E/a', '/.%2e', '/%2e', '/a%2f..%2fb', '/a/..%2Fb', '/a%2f..', '/%252e%252e/a',
      '/a%252f..%252fb', '/%25252e', '/a\\b', '/a\\..\\b', '/a/..%5cb', '/..;/a', '/..;x=1/a', '/..%3b/a', '/.;', '/%0d%0aHost:x', '/a%00', '/a%7F', '/%250a', '/%c0%ae%c0%ae/a',
      '/a%C1%9cb', '/%e0%80%ae', '/%u002e%u002e/a',
    ].map((path) => ({ path })) as [object, ...object[]],
  },
  'verification.header cannot be one that the handshake sets itself, or that the API server or a proxy acts on, such as Host, Connection, Impersonate-User or X-Forwarded-For': {
    accepted: ['X-Api-Key', 'X-Auth-Token', 'Private-Token', 'Cookie', 'X-Vault-Token', 'CF-Access-Token', 'X_Api_Key', 'Host-Key', 'Viable', 'Tea'].map(withHeader) as [object, ...object[]],
    rejected: [
      'host', 'HOST', 'Content-Type', 'mcp-session-id', 'Accept-Encoding', 'Connection', 'Keep-Alive', 'TE', 'Trailer', 'Transfer-Encoding', 'Upgrade', 'Expect',
      'Proxy-Authorization', 'Proxy-Connection', 'HTTP2-Settings', 'Impersonate-User', 'IMPERSONATE-GROUP', 'Impersonate-Extra-Scopes', 'impersonate_uid', 'X-Remote-User',
      'X-Remote-Extra-Anything', 'x_remote_group', 'Audit-ID', 'Sec-WebSocket-Protocol', 'Forwarded', 'X-Forwarded-For', 'X_Forwarded_Host', 'X-Forwarded', 'X-Real-IP', 'Via',
      'True-Client-IP', 'Client-IP', 'CF-Connecting-IP', 'X-Client-IP', 'X-Original-URL', 'X-Rewrite-URL', 'X-HTTP-Method-Override', 'X-Method-Override', 'X-Host',
      'X-Envoy-Original-Path', 'X-Forwarded-Client-Cert', 'SSL-Client-Verify', 'User-Agent', 'Origin', 'Range', 'If-Match', 'X-SSL-Client-DN', 'Max-Forwards',
    ].map(withHeader) as [object, ...object[]],
  },
};
