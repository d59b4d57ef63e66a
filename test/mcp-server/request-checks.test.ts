// The rules for Host and Origin, cell by cell.
import { describe, expect, test } from 'vitest';
import { hostAllowed, originAllowed } from '../../mcp-server/request-checks.ts';

describe('a Host is served when it', () => {
  test.each([
    '127.0.0.1', '127.0.0.1:3001', '10.1.2.3:80', '[::1]', '[::1]:3001', '[fd00::12]:8080',
    'localhost', 'LocalHost:3001', 'my-server', 'my-server:8080', 'my-server.',
    'my-server.svc', 'my-server.ns.svc', 'my-server.ns.svc:8080', 'my-server.ns.svc.cluster.local', 'my-server.ns.svc.cluster.local.', '1-2-3.my-server.ns.svc.corp.example.com',
  ])('is an address, a single label or a Service name: %s', (host) => {
    expect(hostAllowed(host, [])).toBe(true);
  });

  test('is listed, in any case and with any port', () => {
    expect(hostAllowed('MCP.example.com:8443', ['mcp.example.com'])).toBe(true);
  });
});

describe('a Host is refused when it', () => {
  test.each([
    undefined, '', 'evil.com', 'evil.com:3001', 'svc.evil.com', '127.0.0.1.evil.com', 'localhost.evil.com', 'evil.com/..', 'a b', 'localhost:port', '::1', '[::1', '[evil]', '[127.0.0.1]', 'a..svc', 'user@localhost',
  ])('is foreign or malformed: %s', (host) => {
    expect(hostAllowed(host, [])).toBe(false);
  });

  test('only ends like a listed one', () => {
    expect(hostAllowed('evil-mcp.example.com', ['mcp.example.com'])).toBe(false);
    expect(hostAllowed('x.mcp.example.com', ['mcp.example.com'])).toBe(false);
  });
});

describe('an Origin', () => {
  test.each([
    [undefined, 'localhost:3001', true],
    ['https://app.example.com', 'localhost:3001', true],
    ['http://localhost:3001', 'localhost:3001', true],
    ['http://[::1]:3001', '[::1]:3001', true],
    ['http://localhost:5173', 'localhost:3001', false],
    ['https://localhost:3001', 'localhost:3001', false],
    ['http://evil.svc:3001', 'evil.svc:3001', false],
    ['http://my-server:3001', 'my-server:3001', false],
    ['https://app.example.com.evil.com', 'localhost:3001', false],
    ['http://app.example.com', 'localhost:3001', false],
    ['null', 'localhost:3001', false],
    ['', 'localhost:3001', false],
  ])('%s of a request for %s passes: %s', (origin, host, passes) => {
    expect(originAllowed(origin, host, ['https://app.example.com'])).toBe(passes);
  });
});
