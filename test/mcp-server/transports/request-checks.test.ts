// The rules for Host and Origin, cell by cell.
import { describe, expect, test } from 'vitest';
import { hostAllowed, originAllowed } from '../../../mcp-server/transports/request-checks.ts';

describe('a Host is served when it', () => {
  test.each([
    '127.0.0.1', '127.0.0.1:3001', '10.1.2.3:80', '[::1]', '[::1]:3001', '[fd00::12]:8080',
    'localhost', 'LocalHost:3001', 'my-server', 'my-server:8080', 'my-server.',
  ])('is an address or a single label: %s', (host) => {
    expect(hostAllowed(host, [])).toBe(true);
  });

  test.each([
    'my-server.ns.svc', 'my-server.ns.svc:8080', 'my-server.ns.svc.', 'My-Server.NS.svc:80', 'svc.svc.svc',
    'my-server.ns.svc.cluster.local', 'my-server.ns.svc.cluster.local.', 'my-server.ns.svc.cluster.local.:8080',
    `${'n'.repeat(63)}.${'s'.repeat(63)}.svc`,
  ])('is the name of a Service with its namespace and svc: %s', (host) => {
    expect(hostAllowed(host, [])).toBe(true);
  });

  test('is listed, in any case, with any port and with a trailing dot', () => {
    for (const host of ['mcp.example.com', 'MCP.example.com:8443', 'mcp.example.com.', 'mcp.example.com.:8443']) {
      expect(hostAllowed(host, ['mcp.example.com'])).toBe(true);
    }
    expect(hostAllowed('my-server.ns.svc.corp.example.com', ['my-server.ns.svc.corp.example.com'])).toBe(true);
  });
});

describe('a Host is refused when it', () => {
  test.each([
    undefined, '', 'evil.com', 'evil.com:3001', '127.0.0.1.evil.com', 'localhost.evil.com', 'evil.com/..', 'a b',
    'localhost:port', '::1', '[::1', '[evil]', '[127.0.0.1]', 'a..svc', 'a.b..svc', '.a.b.svc', 'a.b.svc..', 'user@localhost', 'a.b.svc,c',
  ])('is foreign or malformed: %s', (host) => {
    expect(hostAllowed(host, [])).toBe(false);
  });

  test.each([
    'a.svc', 'a.b.c.svc', 'svc.a.b', 'a.svc.b', 'a.svc.cluster.local', 'pod.my-server.ns.svc.cluster.local',
    'my-server.ns', 'my-server.ns.pod.cluster.local', 'cluster.local', `${'n'.repeat(64)}.ns.svc`, 'a_b.ns.svc', '-a.ns.svc',
  ])('has svc where no Service name has it, or lacks it: %s', (host) => {
    expect(hostAllowed(host, [])).toBe(false);
  });

  test.each([
    'svc.evil.com', 'x.svc.evil.com', 'x.y.svc.evil.com', 'x.y.z.svc.evil.com', 'x.y.svc.cluster.local.evil.com', 'x.y.svc.local',
    'x.y.svc.cluster.localhost', 'x.y.svc.evilcluster.local', 'x.y.svc.evil.cluster.local', 'x.y.svc.com', 'x.y.svc-evil.com', 'x.ysvc',
  ])('is a name that somebody may register, or another than that of a Service: %s', (host) => {
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
    ['http://my-server.ns.svc:3001', 'my-server.ns.svc:3001', false],
    ['http://10.1.2.3:3001', '10.1.2.3:3001', false],
    ['http://localhost.evil.com:3001', 'localhost.evil.com:3001', false],
    ['http://my-server:3001', 'my-server:3001', false],
    ['https://app.example.com.evil.com', 'localhost:3001', false],
    ['http://app.example.com', 'localhost:3001', false],
    ['null', 'localhost:3001', false],
    ['', 'localhost:3001', false],
  ])('%s of a request for %s passes: %s', (origin, host, passes) => {
    expect(originAllowed(origin, host, ['https://app.example.com'])).toBe(passes);
  });
});
