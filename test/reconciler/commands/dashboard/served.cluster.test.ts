// The dashboard over HTTP: what it tells whom of a real fleet, with which rights, and what never leaves it.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { DEPLOYMENTS, EVENTS, SECRETS, type KubernetesObject } from '../../../../kubernetes/objects.ts';
import type { Detail, Row } from '../../../../reconciler/commands/dashboard/told.ts';
import { auditEvents, connect, eventually, isWrite } from '../../../support/cluster.ts';
import { cliWith } from '../../../support/cli-process.ts';
import { useScene } from '../../scene.ts';
import { ask, askInside, openStream, serveDashboard, type Served } from './served.ts';
import { kubeconfigWith } from './limited-user.ts';

const CANARY = 'c4n4ry-7f3a';
const HOSTILE = `<img src=x onerror="alert(1)"> javascript:alert(1) \u202Ereversed ${'x'.repeat(5000)}`;
const scene = useScene('dashboard');
let served: Served;

beforeAll(async () => {
  const { fleet, namespace } = scene;
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'key', namespace }, stringData: { key: `${CANARY}-secret` } };
  await fleet.client.create(SECRETS, secret);
  await fleet.create('weather', {
    env: [
      { name: 'PLAIN', value: `${CANARY}-env` },
      { name: 'API_KEY', value: `${CANARY}-key` },
      { name: 'REFERRED', valueFrom: { secretKeyRef: { name: 'key', key: 'key' } } },
    ],
    args: ['--token', `${CANARY}-argument`],
  });
  await fleet.create('broken', { path: '/nope' });
  await Promise.all([fleet.ready('weather'), fleet.until('broken', 'Ready', ['False', 'WrongPath'])]);
  served = await serveDashboard(inject('kubeconfig'), ['-n', namespace]);
});
afterAll(() => served?.cli.end());

async function rowsOf(of: Served): Promise<Row[]> {
  const stream = await openStream(of, 'live/fleet');
  try {
    return await eventually(() => {
      const [first] = stream.events('fleet') as { rows: Row[] }[];
      if (first === undefined) throw new Error(stream.text());
      return first.rows;
    });
  } finally {
    stream.close();
  }
}

async function detailOf(of: Served, name: string, isSo: (detail: Detail) => boolean = () => true): Promise<Detail> {
  const stream = await openStream(of, `live/server?namespace=${scene.namespace}&name=${name}`);
  try {
    return await eventually(() => {
      const last = (stream.events('server') as { detail: Detail | null }[]).at(-1)?.detail;
      if (last == null || !isSo(last)) throw new Error(stream.text().slice(-2000));
      return last;
    });
  } finally {
    stream.close();
  }
}

test('the fleet is told in rows, in the words of the status', async () => {
  const rows = (await rowsOf(served)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expect(rows).toMatchObject([
    { name: 'broken', ready: 'False', reason: 'WrongPath', endpoint: null, readyReplicas: 1, replicas: 1 },
    { name: 'weather', phase: 'Ready', ready: 'True', reason: 'Verified', endpoint: `http://weather.${scene.namespace}.svc:8080/mcp` },
  ]);
  expect(rows[0]?.message).toContain('set spec.path to it');
});

test('changes come as changes: only the rows that are others, and names that are gone', async () => {
  const stream = await openStream(served, 'live/fleet');
  onTestFinished(() => stream.close());
  await eventually(() => expect(stream.events('fleet')).toHaveLength(1));
  await scene.fleet.create('passing', { suspend: true });
  await eventually(() => expect(JSON.stringify(stream.events('changes'))).toContain('/passing'));
  await scene.fleet.remove('passing');
  await eventually(() => expect(JSON.stringify(stream.events('changes'))).toContain(`"gone":["${scene.namespace}/passing"]`));
  const named = (stream.events('changes') as { rows: Row[] }[]).flatMap(({ rows }) => rows.map(({ name }) => name));
  expect(new Set(named)).toEqual(new Set(['passing']));
  expect(stream.events('fleet')).toHaveLength(1);
});

test('one MCPServer is told in full: conditions, what to do, pods, events, objects that are as rendered, clients', async () => {
  const detail = await detailOf(served, 'broken', ({ timeline }) => timeline.some(({ about }) => about.startsWith('ReplicaSet')));
  expect(detail.message).toContain('set spec.path to it');
  expect(detail.conditions[0]).toMatchObject({ type: 'Ready', status: 'False', reason: 'WrongPath', meaning: 'There is no MCP endpoint at spec.path.' });
  expect(detail.steps.map(({ command }) => command)).toContain(`kubectl -n ${scene.namespace} edit mcps broken`);
  expect(detail.pods).toMatchObject([{ state: 'Ready', restarts: 0 }]);
  const compared = detail.objects.map(({ kind, differences, problem, more }) => [kind, differences, problem, more]);
  expect(compared).toEqual(['ServiceAccount', 'Service', 'Deployment'].map((kind) => [kind, [], null, 0]));
  expect(detail.connections.here.map(({ text }) => text)[0]).toContain('http://127.0.0.1:8080/nope');
  expect(detail.unread).toEqual([]);
});

test('a live object that somebody changed is told by the field, until the operator has changed it back', async () => {
  const stream = await openStream(served, `live/server?namespace=${scene.namespace}&name=weather`);
  onTestFinished(() => stream.close());
  await eventually(() => expect(stream.events('server')).not.toEqual([]));
  await scene.operator.stop();
  await scene.fleet.client.patch(DEPLOYMENTS, scene.fleet.ref('weather'), { spec: { strategy: { rollingUpdate: { maxUnavailable: 1 } } } });
  const deployment = (): unknown => (stream.events('server') as { detail: Detail }[]).at(-1)?.detail.objects.find(({ kind }) => kind === 'Deployment');
  await eventually(() => expect(deployment()).toMatchObject({ differences: [{ path: 'spec.strategy.rollingUpdate.maxUnavailable', live: '1', rendered: '0' }] }));
  await scene.restart();
  await eventually(() => expect(deployment()).toMatchObject({ differences: [] }));
});

test('no value of an environment variable, Secret, argument or kubeconfig reaches the page', async () => {
  const { namespace } = scene.fleet;
  const streams = await Promise.all([openStream(served, 'live/fleet'), openStream(served, `live/server?namespace=${namespace}&name=weather`)]);
  onTestFinished(() => streams.forEach((stream) => stream.close()));
  await eventually(() => expect(streams.map((stream) => stream.text()).join('')).toContain('event: server'));
  // As a difference of a live object, too.
  await scene.operator.stop();
  await scene.fleet.edit('weather', { env: [{ name: 'PLAIN', value: `${CANARY}-changed` }, { name: 'ADDED', value: `${CANARY}-added` }] });
  await eventually(() => expect(streams[1]?.text()).toContain('containers[mcp-server].env[PLAIN].value'));
  await scene.restart();
  const files = await Promise.all(['', 'page.js', 'page.css', 'icon.svg'].map((path) => askInside(served, path)));
  const all = [...streams.map((stream) => stream.text()), ...files.map(({ body }) => body)].join('\n');
  expect(all).toContain('***');
  expect(all).not.toContain(CANARY);
  const { users } = parse(await readFile(inject('kubeconfig'), 'utf8')) as { users: { user: Record<string, string> }[] };
  const credentials = users.flatMap(({ user }) => Object.values(user));
  expect(credentials).not.toEqual([]);
  for (const credential of credentials) expect(all).not.toContain(credential);
  const { token } = /token=(?<token>.*)/.exec(served.url)?.groups ?? {};
  expect(all).not.toContain(token);
  expect(all).not.toContain(served.cookie.split('=')[1]);
});

test('what servers, events and names say is told as plain, bounded text', async () => {
  const { client, namespace } = scene.fleet;
  const { metadata } = await scene.fleet.read('broken');
  await client.create(EVENTS, {
    apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'hostile', namespace }, eventTime: '2026-11-30T10:00:00.000000Z',
    type: 'Warning', reason: 'Odd', action: 'Look', reportingController: 'test', reportingInstance: 'test',
    note: HOSTILE.slice(0, 1000), regarding: { kind: 'MCPServer', name: 'broken', uid: metadata.uid, namespace },
  } as unknown as KubernetesObject);
  const { timeline } = await detailOf(served, 'broken', ({ timeline: moments }) => moments.some(({ reason }) => reason === 'Odd'));
  const told = timeline.find(({ reason }) => reason === 'Odd');
  expect(told?.message).toMatch(/^<img src=x onerror="alert\(1\)"> javascript:alert\(1\) reversed x+…?$/);
  expect(told?.message).not.toContain('\u202E');
});

test('strangers get nothing: neither by another name, nor from another page, nor without the cookie', async () => {
  const { port, base, cookie, url } = served;
  const token = url.slice(url.indexOf('/?'));
  const answers = await Promise.all([
    ask(port, `${base}live/fleet`),
    ask(port, `${base}live/fleet`, { headers: { cookie: 'mcp_operator_dashboard=guessed' } }),
    ask(port, '/live/fleet', { headers: { cookie } }),
    ask(port, `${base}live/fleet`, { headers: { cookie, host: 'rebound.example.com' } }),
    ask(port, token, { headers: { host: `rebound.example.com:${port}` } }),
    ask(port, `${base}live/fleet`, { headers: { cookie, origin: 'http://127.0.0.1:3000' } }),
    ask(port, `${base}live/fleet`, { headers: { cookie, 'sec-fetch-site': 'same-site' } }),
    ask(port, '/?token=guessed'),
    ask(port, '/'),
    ask(port, `${base}live/fleet`, { method: 'POST', headers: { cookie } }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 403, 403, 403, 403, 403, 401, 405]);
  for (const { headers, body } of answers) {
    expect(headers['set-cookie']).toBeUndefined();
    expect(body.length).toBeLessThan(300);
    expect(body).not.toContain(scene.namespace);
  }
});

test('every answer forbids the browser whatever the page does not need', async () => {
  for (const path of ['', 'page.js', 'page.css', 'icon.svg', 'constructor', '__proto__', 'live/server?namespace=kube-system&name=x', 'live/server?namespace=a&name=../x']) {
    const { status, headers } = await askInside(served, path);
    expect([path, status]).toEqual([path, path.includes('page.') || path === '' || path === 'icon.svg' ? 200 : 404]);
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff', 'cache-control': 'no-store', 'x-frame-options': 'DENY' });
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|\*|data:|https?:/);
  }
});

test('nothing is written: of what the command asked, the audit log has reads alone', async () => {
  const asked = await auditEvents(({ userAgent, objectRef }) => userAgent === 'mcp-operator-cli' && objectRef?.namespace === scene.namespace);
  expect(new Set(asked.map(({ verb }) => verb))).toEqual(new Set(['list', 'watch']));
  expect(asked.filter(isWrite)).toEqual([]);
  expect(asked.filter(({ objectRef }) => objectRef?.resource === 'secrets')).toEqual([]);
});

test('who may list MCPServers of one namespace and no more is shown them, and told what is missing', async () => {
  const limited = await kubeconfigWith(scene.fleet.client, scene.namespace, [{ apiGroups: ['mcp.example.com'], resources: ['mcpservers'], verbs: ['get', 'list', 'watch'] }]);
  onTestFinished(limited.remove);
  const own = await serveDashboard('/nonexistent', ['-n', scene.namespace, '--kubeconfig', limited.kubeconfig.slice(1)]);
  onTestFinished(() => own.cli.end().then(() => undefined));
  expect((await rowsOf(own)).map(({ name }) => name).toSorted()).toEqual(['broken', 'weather']);
  const { message, pods, unread, timeline, renderProblem, steps } = await detailOf(own, 'broken');
  expect(steps.map(({ command }) => command)).toContain(`kubectl -n ${scene.namespace} edit mcps broken --kubeconfig ${limited.kubeconfig}`);
  expect({ message, pods, renderProblem }).toEqual({ message: expect.stringContaining('set spec.path') as string, pods: [], renderProblem: null });
  expect(unread).toEqual(expect.arrayContaining(['Pod', 'Event', 'Deployment']));
  expect(timeline.map(({ reason }) => reason)).toContain('Ready became False');
  expect(await cliWith(limited.kubeconfig)('dashboard', '-A')).toEqual({ code: 1, stdout: '', stderr: 'error: you may not list the MCPServers of all namespaces: leave out -A, or name one that you may with -n\n' });
});

test('a port that is taken is told, and with none asked for another one is found', async () => {
  const other = await serveDashboard(inject('kubeconfig'), []);
  onTestFinished(() => other.cli.end().then(() => undefined));
  const taken = await cliWith(inject('kubeconfig'))('dashboard', '--port', String(served.port));
  expect(taken).toEqual({ code: 1, stdout: '', stderr: `error: cannot listen on port ${served.port}: somebody else listens there; name another with --port, or none\n` });
  expect(other.port).not.toBe(served.port);
});

test('--open hands the URL to what opens browsers here, and a machine without says so', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'xdg-open'), `#!/bin/sh\nprintf %s "$1" > ${folder}/opened\n`, { mode: 0o755 });
  const [opening, lacking] = await Promise.all([folder, '/nonexistent'].map((path) => serveDashboard(inject('kubeconfig'), ['-n', scene.namespace, '--open'], path)));
  onTestFinished(() => Promise.all([opening?.cli.end(), lacking?.cli.end()]).then(() => undefined));
  await eventually(async () => expect(await readFile(join(folder, 'opened'), 'utf8')).toBe(opening?.url));
  await eventually(() => expect(lacking?.cli.printed().stderr).toMatch(/^No browser can be opened here \(.*ENOENT.*\): open the URL yourself$/m));
  expect((await askInside(lacking as Served, '')).status).toBe(200);
});

test('Ctrl-C ends it at once, with open streams, and leaves nothing', async () => {
  const one = await serveDashboard(inject('kubeconfig'), ['-n', scene.namespace]);
  await Promise.all([openStream(one, 'live/fleet'), openStream(one, `live/server?namespace=${scene.namespace}&name=weather`)]);
  expect(await one.cli.end()).toEqual({ code: 0, signal: null });
  expect(one.cli.printed().stderr.replace(/^Port .*\n/, '')).toBe('');
  const client = await connect();
  onTestFinished(() => client.close());
  await expect(ask(one.port, '/')).rejects.toThrow('ECONNREFUSED');
});
