// Replicas that are killed, stop, appear or cannot be looked up: what becomes of the sessions of each, and what clients are told.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startBridge as startInProcess, type Bridge } from '../../../mcp-server/stdio-bridge/bridge.ts';
import { createLog } from '../../../mcp-server/stdio-bridge/log.ts';
import type { Lookup } from '../../../mcp-server/stdio-bridge/peer-addresses.ts';
import { newSessionId } from '../../../mcp-server/stdio-bridge/session-ids.ts';
import { readSettings, type Settings } from '../../../mcp-server/stdio-bridge/settings.ts';
import { freePort } from '../../cluster/ports.ts';
import { call, fixture, INITIALIZE, openSession, post, startBridge, until, type BridgeProcess } from './bridge-process.ts';
import { raw, type RawAnswer } from '../server-process.ts';
import { replicasAt } from './replicas.ts';

const PING = { id: 1, method: 'ping' };

async function running(bridge: Promise<BridgeProcess>): Promise<BridgeProcess> {
  const started = await bridge;
  onTestFinished(async () => void (await started.stop()));
  return started;
}

async function two(): Promise<[BridgeProcess, BridgeProcess]> {
  const replicas = await replicasAt(['127.0.0.2', '127.0.0.3'], fixture('full'), { flags: ['--warm', '0'] });
  return [await running(replicas.start('127.0.0.2')), await running(replicas.start('127.0.0.3'))];
}

/** One in this process, whose name server is in the test's hands. */
async function knowing(lookup: Lookup, port: number): Promise<{ readonly host: string; readonly port: number; readonly bridge: Bridge }> {
  const host = '127.0.0.2';
  const args = ['--host', host, '--address', host, '--port', String(port), '--health-port', '0', '--warm', '0', '--peers', 'replicas', '--', ...fixture('full')];
  const settings = readSettings(args, {}) as Settings;
  const bridge = await startInProcess({ settings, env: process.env, log: createLog('error', () => undefined), lookup });
  onTestFinished(async () => void (await bridge.stop()));
  return { host, port, bridge };
}

describe('a replica that is killed', () => {
  test('takes its own sessions with it and no other; who has one of those is told to come back, and then to begin anew', async () => {
    const replicas = await replicasAt(['127.0.0.2', '127.0.0.3', '127.0.0.4'], fixture('full'), { flags: ['--warm', '0'] });
    const bridges = await Promise.all(replicas.addresses.map((address) => running(replicas.start(address))));
    const [first, second, third] = bridges as [BridgeProcess, BridgeProcess, BridgeProcess];
    const [lost, kept] = [await openSession(first), [await openSession(second), await openSession(third)]];
    const cut = post(second, call('wait', { milliseconds: 5000 }), lost);
    await until('it is being answered', async () => (await first.metric('mcp_bridge_requests_open')) === 1);
    await first.stop('SIGKILL');
    const answer = await cut;
    expect([answer.status, answer.headers['retry-after'], answer.json().error?.message]).toEqual([502, '1', 'The replica that has this session did not answer: try again.']);
    for (const session of kept) for (const bridge of [second, third]) expect((await post(bridge, PING, session)).status).toBe(200);
    const refused = await post(third, PING, lost);
    expect([refused.status, refused.headers['retry-after'], refused.json().error?.message]).toEqual([503, '5', 'The replica that has this session cannot be reached: try again later.']);
    expect(await third.metric('mcp_bridge_forward_failures_total{why="no connection"}')).toBe(1);
    await running(replicas.start(first.host));
    const told = await post(second, PING, lost);
    expect([told.status, told.json().error?.message]).toEqual([404, 'There is no such session: begin a new one with initialize.']);
    for (const session of kept) for (const bridge of [second, third]) expect((await post(bridge, PING, session)).status).toBe(200);
  });

  test('and is no longer listed, is one whose sessions are gone', async () => {
    const port = await freePort('127.0.0.2');
    const listed = new Set(['127.0.0.2', '127.0.0.3']);
    const edge = await knowing(() => Promise.resolve([...listed]), port);
    const owner = await running(startBridge(fixture('full'), ['--port', String(port), '--host', '127.0.0.3', '--address', '127.0.0.3', '--peers', '127.0.0.2']));
    const session = await openSession(owner);
    expect((await post(edge, PING, session)).status).toBe(200);
    await owner.stop('SIGKILL');
    expect((await post(edge, PING, session)).status).toBe(503);
    listed.delete('127.0.0.3');
    await until('it is known', async () => (await post(edge, PING, session)).status === 404);
  });
});

test('a replica that takes no connection, and refuses none, is given up after two seconds', async () => {
  const port = await freePort('127.0.0.2');
  const edge = await knowing(() => Promise.resolve(['127.0.0.3']), port);
  const silent = spawn(process.execPath, ['-e', `net.createServer().listen({ host: '127.0.0.3', port: ${port}, backlog: 1 }, () => console.log())`]);
  await once(silent.stdout, 'data');
  silent.kill('SIGSTOP');
  // What the system keeps for it until it accepts them; it takes no more.
  const waiting = Array.from({ length: 4 }, () => connect({ host: '127.0.0.3', port }).on('error', () => undefined));
  onTestFinished(() => {
    silent.kill('SIGKILL');
    for (const socket of waiting) socket.destroy();
  });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const session = { 'mcp-session-id': newSessionId('127.0.0.3') };
  const started = performance.now();
  const answers = await Promise.all(Array.from({ length: 5 }, () => post(edge, PING, session)));
  expect(answers.map(({ status, headers }) => [status, headers['retry-after']])).toEqual(Array.from({ length: 5 }, () => [503, '5']));
  expect(performance.now() - started).toBeGreaterThan(1900);
});

describe('the list of replicas', () => {
  test('is waited for when a session is of a replica that is too new to be in it', async () => {
    const port = await freePort('127.0.0.2');
    const listed = new Set(['127.0.0.2']);
    let asked = 0;
    const edge = await knowing(() => {
      asked += 1;
      if (asked === 3) listed.add('127.0.0.3');
      return Promise.resolve([...listed]);
    }, port);
    const owner = await running(startBridge(fixture('full'), ['--port', String(port), '--host', '127.0.0.3', '--address', '127.0.0.3', '--peers', '127.0.0.2']));
    const session = await openSession(owner);
    const answers = await Promise.all(['a', 'b', 'c'].map((id) => post(edge, { ...PING, id }, session)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(asked).toBe(3);
  });

  test('is asked for at most once a second, however many ids somebody invents, and they are all answered', async () => {
    const port = await freePort('127.0.0.2');
    let asked = 0;
    const edge = await knowing(() => {
      asked += 1;
      return Promise.resolve(['127.0.0.2']);
    }, port);
    const started = performance.now();
    const ids = Array.from({ length: 200 }, (_, index) => `${index.toString(16).padStart(16, '0')}.${'0'.repeat(32)}`);
    const answers = await Promise.all(ids.map((id) => post(edge, PING, { 'mcp-session-id': id })));
    // One client has half of the places to wait in.
    expect(answers.filter(({ status }) => status === 404)).toHaveLength(32);
    expect(answers.filter(({ status, headers }) => status === 503 && headers['retry-after'] === '5')).toHaveLength(168);
    expect(asked).toBeLessThanOrEqual(1 + (performance.now() - started) / 1000);
    expect(asked).toBeGreaterThan(1);
  });

  test('that cannot be had is told as such, and not as the end of a session', async () => {
    const port = await freePort('127.0.0.2');
    const edge = await knowing(() => Promise.reject(new Error('EAI_AGAIN')), port);
    const answer = await post(edge, PING, { 'mcp-session-id': `${'0'.repeat(16)}.${'0'.repeat(32)}` });
    expect([answer.status, answer.headers['retry-after'], answer.json().error?.message]).toEqual([503, '5', 'The replica that has this session cannot be looked up: try again later.']);
    expect((await post(edge, INITIALIZE)).status).toBe(200);
  });

  test('is kept while nobody answers, so that a name server may be away for a moment', async () => {
    const port = await freePort('127.0.0.2');
    let isAway = false;
    const edge = await knowing(() => (isAway ? Promise.reject(new Error('EAI_AGAIN')) : Promise.resolve(['127.0.0.3'])), port);
    const owner = await running(startBridge(fixture('full'), ['--port', String(port), '--host', '127.0.0.3', '--address', '127.0.0.3', '--peers', '127.0.0.2']));
    const session = await openSession(owner);
    expect((await post(edge, PING, session)).status).toBe(200);
    isAway = true;
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect((await post(edge, PING, session)).status).toBe(200);
  });

  test('may be a name, which the system looks up; and addresses of both kinds are peers of each other', async () => {
    const port = ['--port', String(await freePort('127.0.0.2')), '--warm', '0'];
    const [edge, byName, older] = await Promise.all([
      running(startBridge(fixture('full'), [...port, '--host', '127.0.0.2', '--address', '127.0.0.2', '--peers', 'localhost'])),
      running(startBridge(fixture('full'), [...port, '--host', '127.0.0.1', '--address', '127.0.0.1', '--peers', '127.0.0.2'])),
      running(startBridge(fixture('full'), [...port, '--host', '127.0.0.4', '--address', '127.0.0.4', '--peers', '127.0.0.2,::1'])),
    ]);
    expect((await post(edge, PING, await openSession(byName))).status).toBe(200);
    const six = await running(startBridge(fixture('full'), [...port, '--host', '::1', '--address', '0:0:0:0:0:0:0:1', '--peers', '127.0.0.4']));
    expect((await post(older, PING, await openSession(six))).status).toBe(200);
  });
});

describe('a replica that stops', () => {
  test('answers through others what belongs to a request that it is answering, and then its sessions are over', async () => {
    const [owner, edge] = await two();
    const [session, listening] = [await openSession(owner), await openSession(owner)];
    const stream = await fetch(edge.url, { headers: { accept: 'text/event-stream', ...listening } });
    const slow = post(edge, call('wait', { milliseconds: 4000 }), session);
    await until('it is being answered', async () => (await owner.metric('mcp_bridge_requests_open')) === 1);
    const stopped = owner.stop();
    await until('it stops', () => owner.log().some(({ msg }) => msg === 'stopping'));
    const during: RawAnswer[] = [];
    for (let time = 0; time < 3; time += 1) during.push(await post(edge, { id: `p${time}`, method: 'ping' }, session));
    expect(during.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await post(owner, INITIALIZE)).json().error?.message).toBe('The bridge is stopping: try again, and another one answers.');
    expect(await stream.text()).toBe('');
    expect((await slow).body).toContain('waited');
    expect(await stopped).toBe(0);
    expect(JSON.stringify(owner.log())).not.toContain('cut off');
    expect((await post(edge, PING, session)).status).toBe(503);
  });

  test('ends the event streams that it passes on, so that it is not kept from stopping', async () => {
    const [owner, edge] = await two();
    const session = await openSession(owner);
    const stream = await fetch(edge.url, { headers: { accept: 'text/event-stream', ...session } });
    const stopped = edge.stop();
    expect(await stream.text()).toBe('');
    expect(await stopped).toBe(0);
    expect(JSON.stringify(edge.log())).not.toContain('cut off');
    const again = await fetch(owner.url, { headers: { accept: 'text/event-stream', ...session } });
    expect(again.status).toBe(200);
    await again.body?.cancel();
    expect((await raw(owner.port, { host: owner.host, method: 'DELETE', path: '/mcp', headers: session })).status).toBe(200);
  });
});
