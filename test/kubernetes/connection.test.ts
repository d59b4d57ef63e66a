import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, NoCredentialsError } from '../../kubernetes/connect.ts';
import { KubeconfigError } from '../../kubernetes/kubeconfig-error.ts';
import { Authority } from './authority.ts';
import { fileWith, folder, kubeconfig, serviceAccountDir } from './credentials.ts';

const POD_ENV = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

let authority: Authority;

beforeAll(async () => {
  authority = await Authority.make();
});
afterAll(() => authority.remove());

describe('credentials are taken', () => {
  test('from the given kubeconfig before KUBECONFIG, and from KUBECONFIG before the pod', async () => {
    const given = await fileWith(kubeconfig({ cluster: { server: 'https://given:1' } }));
    const fromEnv = await fileWith(kubeconfig({ cluster: { server: 'https://env:2' } }));
    const directory = await serviceAccountDir({ token: 't' });
    const env = { ...POD_ENV, KUBECONFIG: fromEnv };
    expect(await connect({ kubeconfig: given, env, serviceAccountDir: directory })).toMatchObject({ server: 'https://given:1', inCluster: false });
    expect(await connect({ env, serviceAccountDir: directory })).toMatchObject({ server: 'https://env:2', inCluster: false });
    expect(await connect({ env: POD_ENV, serviceAccountDir: directory })).toMatchObject({ server: 'https://10.96.0.1:443', inCluster: true });
  });

  test('from nowhere else: without any, the error says the three ways to give them', async () => {
    const empty = await folder({});
    const error: unknown = await connect({ env: { HOME: '/root' }, serviceAccountDir: empty }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(NoCredentialsError);
    expect(String(error)).toMatch(/--kubeconfig.*KUBECONFIG.*service account/);
    await expect(connect({ env: POD_ENV, serviceAccountDir: empty })).rejects.toBeInstanceOf(NoCredentialsError);
    await expect(connect({ env: { KUBECONFIG: '' }, serviceAccountDir: empty })).rejects.toBeInstanceOf(NoCredentialsError);
  });
});

describe('in a pod', () => {
  test('token, CA and namespace come from the mounted files', async () => {
    const directory = await serviceAccountDir({ token: 'abc\n', 'ca.crt': 'PEM', namespace: 'mcp-system\n' });
    const connection = await connect({ env: POD_ENV, serviceAccountDir: directory });
    expect(connection).toMatchObject({ namespace: 'mcp-system', tls: { ca: 'PEM' } });
    expect(await connection.authorization()).toBe('Bearer abc');
  });

  test('an IPv6 address of the API server is put in brackets', async () => {
    const directory = await serviceAccountDir({ token: 't' });
    const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' };
    expect((await connect({ env, serviceAccountDir: directory })).server).toBe('https://[fd00::1]:6443');
  });

  test('a token that cannot be read for a moment stays in use', async () => {
    const directory = await serviceAccountDir({ token: 'abc' });
    const connection = await connect({ env: POD_ENV, serviceAccountDir: directory });
    await rm(join(directory, 'token'));
    expect(await connection.authorization()).toBe('Bearer abc');
    await writeFile(join(directory, 'token'), '');
    expect(await connection.authorization()).toBe('Bearer abc');
    await writeFile(join(directory, 'token'), 'next');
    expect(await connection.authorization()).toBe('Bearer next');
  });
});

describe('a kubeconfig gives', () => {
  test('server, namespace, token and TLS settings of its current context', async () => {
    const own = await authority.issue('own');
    const file = await fileWith(
      kubeconfig({
        cluster: { server: 'https://10.0.0.1:6443/', 'certificate-authority-data': btoa(authority.ca), 'tls-server-name': 'api.example' },
        user: { token: 'secret', 'client-certificate-data': btoa(own.cert), 'client-key-data': btoa(own.key) },
        context: { namespace: 'team' },
      }),
    );
    const connection = await connect({ kubeconfig: file, env: {} });
    expect(connection).toMatchObject({ server: 'https://10.0.0.1:6443', namespace: 'team', inCluster: false });
    expect(connection.tls).toEqual({ ca: Buffer.from(authority.ca), servername: 'api.example' });
    expect(await connection.certificate?.()).toEqual(own);
    expect(await connection.authorization()).toBe('Bearer secret');
  });

  test('paths relative to itself', async () => {
    const directory = await folder({ 'ca.pem': authority.ca, token: 'from-file', config: '' });
    const file = join(directory, 'config');
    await writeFile(file, kubeconfig({ cluster: { 'certificate-authority': 'ca.pem' }, user: { tokenFile: 'token' } }));
    const connection = await connect({ kubeconfig: file, env: {} });
    expect(connection.tls.ca?.toString()).toBe(authority.ca);
    expect(await connection.authorization()).toBe('Bearer from-file');
  });

  test('insecure-skip-tls-verify, basic authentication, impersonation and a proxy', async () => {
    const file = await fileWith(
      kubeconfig({
        cluster: { 'insecure-skip-tls-verify': true, 'proxy-url': 'http://proxy:3128' },
        user: { username: 'jane', password: 'pw', as: 'deployer' },
      }),
    );
    const connection = await connect({ kubeconfig: file, env: {} });
    expect(connection.tls).toEqual({ rejectUnauthorized: false });
    expect(connection.headers).toEqual({ 'impersonate-user': 'deployer' });
    expect(connection.proxyUrl).toBe('http://proxy:3128');
    expect(await connection.authorization()).toBe(`Basic ${btoa('jane:pw')}`);
  });

  test('a server on plain http, and nobody in particular', async () => {
    const file = await fileWith(kubeconfig({ cluster: { server: 'http://127.0.0.1:8001' }, user: {} }));
    const connection = await connect({ kubeconfig: file, env: {} });
    expect(connection.server).toBe('http://127.0.0.1:8001');
    expect(await connection.authorization()).toBeUndefined();
  });

  test('the token its credential plugin prints, asked again when it has expired', async () => {
    const directory = await folder({ count: '0' });
    const script = `
      const fs = require('node:fs'); const file = process.argv[1];
      const n = Number(fs.readFileSync(file, 'utf8')) + 1; fs.writeFileSync(file, String(n));
      console.log(JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential',
        status: { token: 'token-' + n, expirationTimestamp: new Date(Date.now() + (n < 2 ? -1000 : 3600000)).toISOString() } }));`;
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', script, join(directory, 'count')], interactiveMode: 'Never' };
    const connection = await connect({ kubeconfig: await fileWith(kubeconfig({ user: { exec } })), env: {} });
    const tokens = await Promise.all([connection.authorization(), connection.authorization()]);
    expect(tokens).toEqual(['Bearer token-2', 'Bearer token-2']);
    expect(await connection.authorization()).toBe('Bearer token-2');
  });
});

describe('KUBECONFIG with several files', () => {
  test('merges them; the first current-context counts and a missing file is skipped', async () => {
    const first = await fileWith(kubeconfig({ name: 'one', cluster: { server: 'https://one' } }));
    const second = await fileWith(kubeconfig({ name: 'two', cluster: { server: 'https://two' } }));
    expect((await connect({ env: { KUBECONFIG: `/nowhere/at/all:${second}:${first}` } })).server).toBe('https://two');
  });
});

describe('a kubeconfig that cannot be used says what to do:', () => {
  test.each<[string, string, RegExp]>([
    ['no current context', 'clusters: []\n', /has no current-context; choose one with `kubectl config use-context NAME`/],
    ['a context that is not there', kubeconfig().replace('current-context: demo', 'current-context: other'), /current-context \(line 3, column 1\) names a context that does not exist; there are contexts\[0\] \(line \d+/],
    ['a cluster that is not there', kubeconfig({ context: { cluster: 'gone' } }), /contexts\[0\] \(line \d+, column \d+\): cluster names one that does not exist; there are clusters\[0\]/],
    ['a user that is not there', kubeconfig({ context: { user: 'gone' } }), /contexts\[0\] \(line \d+, column \d+\): user names one that does not exist; there are users\[0\]/],
    ['no YAML', '{', /cannot be read: /],
    ['a missing CA file', kubeconfig({ cluster: { 'certificate-authority': 'gone.pem' } }), /its credentials cannot be used: certificate-authority cannot be read: ENOENT/],
    ['a failing plugin', kubeconfig({ user: { exec: { command: '/no/such/plugin', apiVersion: 'client.authentication.k8s.io/v1beta1' } } }), /its credentials cannot be used: users\[0\] .* exec: its credential plugin plugin cannot be started: there is no such program/],
    ['a server that is no address', kubeconfig({ cluster: { server: 'not a url' } }), /not the URL of an API server/],
    ['a server with a port that is none', kubeconfig({ cluster: { server: 'https://host:port' } }), /not the URL of an API server/],
    ['a server of another protocol', kubeconfig({ cluster: { server: 'ftp://host' } }), /not the URL of an API server/],
    ['a SOCKS proxy', kubeconfig({ cluster: { 'proxy-url': 'socks5://p:1' } }), /proxy-url is not supported; use an http:\/\/ or https:\/\/ proxy/],
  ])('%s', async (_, content, message) => {
    const file = await fileWith(content);
    const error: unknown = await connect({ kubeconfig: file, env: {} }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KubeconfigError);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(file);
  });

  test('no file', async () => {
    await expect(connect({ kubeconfig: '/no/such/file', env: {} })).rejects.toThrow('kubeconfig /no/such/file: no such file; give the path');
    await expect(connect({ env: { KUBECONFIG: '/no/a:/no/b' } })).rejects.toThrow('kubeconfig /no/a:/no/b: no such file');
  });

  test('no address in the environment of a pod', async () => {
    const env = { KUBERNETES_SERVICE_HOST: 'host', KUBERNETES_SERVICE_PORT: 'port' };
    const error: unknown = await connect({ env, serviceAccountDir: await serviceAccountDir({ token: 'secret' }) }).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(NoCredentialsError);
    expect(String(error)).toContain('KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT give no address, but https://host:port');
  });
});
