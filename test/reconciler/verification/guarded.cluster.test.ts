// Servers behind TLS and credentials: the handshake gets through with what the spec names, and says what is wrong with it.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONFIG_MAPS, EVENTS, SECRETS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { eventually } from '../../support/cluster.ts';
import { ECHO_SERVERS } from '../../support/echo-servers.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { certificateFor, serveGuarded, serveStateless, type RunningServer } from '../../support/mcp-servers.ts';
import { onLoopback } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

const ECHO = 'Zq|kV^x~wJ`gYp{Kz';
const TOKEN = 'Bearer 7f3c9a-very-secret';
const servers = new Map<string, RunningServer>();
const scene = useScene('guarded', {
  operator: { logLevel: 'trace' },
  exchangeFor: onLoopback(({ name }) => servers.get(name.split('-')[0] ?? '')?.port ?? 0),
});

beforeAll(async () => {
  const { fleet, namespace } = scene;
  const [tls, keyTls] = [certificateFor(`tls.${namespace}.svc`), certificateFor(`key.${namespace}.svc`)];
  servers.set('tls', await serveGuarded({ tls }));
  // The same certificate, which is for another name.
  servers.set('misnamed', await serveGuarded({ tls }));
  servers.set('plain', await serveStateless());
  for (const name of ['token', 'wrong', 'late']) servers.set(name, await serveGuarded({ header: ['authorization', TOKEN] }));
  servers.set('echo', await ECHO_SERVERS['JSON of HTTP 500']!(ECHO));
  servers.set('named', await ECHO_SERVERS['name and version']!(ECHO));
  servers.set('key', await serveGuarded({ tls: keyTls, header: ['x-api-key', 'abcdefgh'] }));
  await fleet.client.create(CONFIG_MAPS, { metadata: fleet.ref('authorities'), data: { 'ca.crt': `${tls.cert}${keyTls.cert}` } } as never);
  await secret('tokens', { good: `${TOKEN}\n`, bad: 'Bearer something-else' });
  await secret('keys', { key: 'abcdefgh' });
});
afterAll(() => Promise.all([...servers.values()].map((server) => server.close())));

async function secret(name: string, stringData: Record<string, string>): Promise<void> {
  await scene.fleet.client.create(SECRETS, { metadata: scene.fleet.ref(name), stringData } as never);
}

const BUNDLE = { tls: { caBundleRef: { name: 'authorities' } } };
const credentials = (name: string, key: string): { verification: { credentialsSecretRef: { name: string; key: string } } } => ({
  verification: { credentialsSecretRef: { name, key } },
});

test('a server that speaks TLS is verified against its bundle and published as https', async () => {
  await scene.fleet.create('tls', BUNDLE);
  const { status } = await scene.fleet.until('tls', 'Ready', ['True', 'Verified']);
  expect(status?.endpoint).toBe(`https://tls.${scene.namespace}.svc:8080/mcp`);
  expect(status?.server?.name).toBe('legacy');
});

test('a certificate for another name, and one of an authority nobody named, are not trusted', async () => {
  await scene.fleet.create('misnamed', BUNDLE);
  const server = await scene.fleet.until('misnamed', 'Ready', ['False', 'BadCertificate']);
  expect(conditionOf(server, 'Ready')?.message).toMatch(/not trusted: .*altnames/i);
  await scene.fleet.edit('misnamed', { tls: { caBundleRef: null } });
  await eventually(async () => expect(conditionOf(await scene.fleet.read('misnamed'), 'Ready')?.message).toMatch(/not trusted: self.signed certificate/i));
});

test('a server that does not speak TLS although the spec says so is found out', async () => {
  await scene.fleet.create('plain', { tls: {} });
  await scene.fleet.until('plain', 'Ready', ['False', 'NotTLS']);
  await scene.fleet.edit('plain', { tls: null });
  expect((await scene.fleet.until('plain', 'Ready', ['True', 'Verified'])).status?.endpoint).toMatch(/^http:/);
});

test('credentials from a Secret get the handshake through, in the header that is named', async () => {
  await scene.fleet.create('token', credentials('tokens', 'good'));
  expect((await scene.fleet.until('token', 'Ready', ['True', 'Verified'])).status?.server).toEqual({ protocolVersions: ['2025-11-25'], sessions: 'Stateless' });
  await scene.fleet.create('key', { ...BUNDLE, verification: { ...credentials('keys', 'key').verification, header: 'X-Api-Key' } });
  await scene.fleet.until('key', 'Ready', ['True', 'Verified']);
});

test('credentials that the server refuses are named as the cause, and stand in no status', async () => {
  await scene.fleet.create('wrong', credentials('tokens', 'bad'));
  const server = await scene.fleet.until('wrong', 'Ready', ['False', 'Forbidden']);
  expect(conditionOf(server, 'Ready')?.message).toContain('refused the credentials in key bad of Secret tokens');
  expect(JSON.stringify(server.status)).not.toContain('something-else');
});

test('a server that repeats its credential gets it neither into the status nor into an event or a line of the log, and what it said before is gone', async () => {
  const { fleet, namespace, operator } = scene;
  await secret('echoed', { key: ECHO });
  await fleet.create('named');
  expect((await fleet.until('named', 'Ready', ['True', 'Verified'])).status?.server?.name).toBe(ECHO);
  await fleet.edit('named', credentials('echoed', 'key'));
  const plain = { protocolVersions: ['2025-06-18'], sessions: 'Stateless' };
  await eventually(async () => expect((await fleet.until('named', 'Ready', ['True', 'Verified'])).status?.server).toEqual(plain));
  const before = operator.errors.length;
  await fleet.create('echo', credentials('echoed', 'key'));
  const server = await fleet.until('echo', 'Ready', ['False', 'NotMCP']);
  expect(conditionOf(server, 'Ready')?.message).toContain('POST /mcp was answered with HTTP 500, application/json');
  const events = await eventually(async () => {
    const { items } = await fleet.client.list<KubernetesObject & { regarding: { name: string } }>(EVENTS, { namespace });
    const own = items.filter(({ regarding }) => regarding.name === 'echo');
    expect(own.length).toBeGreaterThan(0);
    return own;
  });
  const told = [JSON.stringify([server.status, (await fleet.read('named')).status, events]), ...operator.errors.slice(before)].join('\n');
  expect(told).toContain('"outcome":"Failed"');
  const runs = Array.from({ length: ECHO.length - 3 }, (_, at) => ECHO.slice(at, at + 4));
  expect(runs.filter((run) => told.includes(run))).toEqual([]);
});

test('a Secret that comes later is found by itself', async () => {
  await scene.fleet.create('late', credentials('later', 'good'));
  const server = await scene.fleet.until('late', 'Verified', ['Unknown', 'Unreachable']);
  expect(conditionOf(server, 'Verified')?.message).toContain(`Secret later in ${scene.namespace} does not exist`);
  await secret('later', { good: TOKEN });
  await scene.fleet.until('late', 'Ready', ['True', 'Verified']);
});
