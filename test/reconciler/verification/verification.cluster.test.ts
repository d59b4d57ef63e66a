import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conditionOf } from '../../support/kstatus.ts';
import { serveAnswer, serveStateful, serveStateless, type RunningServer } from '../../support/mcp-servers.ts';
import { onLoopback } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

const NOTHING_LISTENS = 1;
const servers = new Map<string, RunningServer>();
/** `mixed` has one good pod and bad ones. */
let goodPod: string | undefined;
/** Pods of `moving` listen on the port they were first asked at, and on no other. */
const listening = new Map<string, number>();

const scene = useScene('verification', {
  exchangeFor: onLoopback(({ name, port }) => {
    if (name.startsWith('moving-')) {
      if (!listening.has(name)) listening.set(name, port);
      return listening.get(name) === port ? servers.get('moving')?.port ?? 0 : NOTHING_LISTENS;
    }
    if (name.startsWith('mixed-')) return servers.get(name === (goodPod ??= name) ? 'path' : 'page')?.port ?? 0;
    const [server = ''] = name.split('-');
    return servers.get(server)?.port ?? NOTHING_LISTENS;
  }),
});

beforeAll(async () => {
  servers.set('path', await serveStateless());
  servers.set('page', await serveAnswer({ status: 200, headers: { 'content-type': 'text/html' }, body: '<html>hello</html>' }));
  servers.set('locked', await serveAnswer({ status: 401, headers: { 'www-authenticate': 'Bearer' } }));
  servers.set('silent', await serveStateless());
  servers.set('moving', await serveStateless());
  servers.set('sessions', await serveStateful());
  servers.set('web', await serveStateful());
  const { fleet } = scene;
  await fleet.create('path', { path: '/wrong' });
  await fleet.create('page');
  await fleet.create('mixed', { replicas: 2 });
  await fleet.create('locked');
  await fleet.create('sessions');
  await fleet.create('web', { service: { port: 80 } });
  await fleet.create('lost');
  await fleet.create('observed', { verification: { mode: 'Observe' } });
  await fleet.create('moving');
  await fleet.create('silent', { verification: { mode: 'Off' } });
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.close())));

test('a server that demands authentication is Ready, AuthRequired', async () => {
  const { status } = await scene.fleet.until('locked', 'Ready', ['True', 'AuthRequired']);
  expect(status).toMatchObject({ phase: 'Ready', endpoint: expect.any(String) });
  expect(status?.server).toBeUndefined();
});

test('a server that keeps sessions is found out, and none is left behind', async () => {
  const { status } = await scene.fleet.ready('sessions');
  expect(status?.server?.sessions).toBe('Stateful');
  expect((servers.get('sessions') as Awaited<ReturnType<typeof serveStateful>>).sessions.size).toBe(0);
});

test.each(['sessions', 'web'])('%s is asked as clients of its Service ask: the port is in the Host header unless a URL leaves it out', async (name) => {
  const { status } = await scene.fleet.ready(name);
  const hosts = servers.get(name)?.requests.map(({ headers }) => headers.host);
  expect(new Set(hosts)).toEqual(new Set([new URL(status?.endpoint ?? '').host]));
});

test('pods that cannot be reached leave Ready unknown where verification is required', async () => {
  const server = await scene.fleet.until('lost', 'Ready', ['Unknown', 'VerificationUnreachable']);
  expect(conditionOf(server, 'Verified')).toMatchObject({ status: 'Unknown', reason: 'Unreachable', message: expect.stringContaining('connection refused') });
  expect(conditionOf(server, 'Available')?.status).toBe('Unknown');
  expect(server.status?.endpoint).toBeUndefined();
});

test('pods that cannot be reached are Ready, NotVerified where verification only observes', async () => {
  const server = await scene.fleet.until('observed', 'Ready', ['True', 'NotVerified']);
  expect(conditionOf(server, 'Available')?.status).toBe('True');
  expect(server.status?.endpoint).toContain('http://observed.');
});

test('nobody is asked where verification is off', async () => {
  const server = await scene.fleet.until('silent', 'Ready', ['True', 'NotVerified']);
  expect(conditionOf(server, 'Verified')).toMatchObject({ status: 'Unknown', reason: 'Disabled' });
  expect(servers.get('silent')?.requests).toEqual([]);
});

test('a server at another path is told so at once in Ready, and after its grace in Verified; the right path heals it', async () => {
  const { fleet } = scene;
  const early = await fleet.until('path', 'Ready', ['False', 'WrongPath']);
  expect(conditionOf(early, 'Ready')?.message).toMatch(/POST \/wrong was answered with HTTP 404 .* POST \/mcp works: set spec\.path to it\./);
  const settled = await fleet.until('path', 'Verified', ['False', 'WrongPath']);
  expect(settled.status?.phase).toBe('Failed');
  expect(settled.status?.endpoint).toBeUndefined();
  await fleet.edit('path', { path: '/mcp' });
  expect((await fleet.until('path', 'Ready', ['True', 'Verified'])).status?.endpoint).toMatch(/:8080\/mcp$/);
});

test('a web page is no MCP server', async () => {
  const { status } = await scene.fleet.until('page', 'Verified', ['False', 'NotMCP']);
  expect(status?.phase).toBe('Failed');
});

test('one replica of two that fails makes it PartiallyVerified, yet available', async () => {
  const server = await scene.fleet.until('mixed', 'Verified', ['False', 'PartiallyVerified']);
  expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'PartiallyVerified' });
  expect(conditionOf(server, 'Available')?.status).toBe('True');
  expect(server.status?.endpoint).toBeDefined();
});

test('while another port rolls out, pods of the old one are asked where they listen, and serve on', async () => {
  const { fleet, pods } = scene;
  await fleet.ready('moving');
  pods.paused = true;
  try {
    await fleet.edit('moving', { port: 9090 });
    await fleet.until('moving', 'DeploymentReady', ['False']);
    // Long enough for two handshakes with a pod that does not answer.
    await sleep(4000);
    const server = await fleet.until('moving', 'Available', ['True']);
    expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'Progressing' });
    expect(server.status?.endpoint).toContain(':9090/mcp');
  } finally {
    pods.paused = false;
  }
  await fleet.ready('moving');
  expect(new Set(listening.values())).toEqual(new Set([8080, 9090]));
});
