// Every key of a kubeconfig acts as with kubectl or is refused; client-certificates.test.ts and credential-plugin.test.ts have the rest.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { connect } from '../../kubernetes/connect.ts';
import type { Connection } from '../../kubernetes/connection.ts';
import { KubeconfigError } from '../../kubernetes/kubeconfig-error.ts';
import { Authority, base64 } from './authority.ts';
import { fileWith, folder, kubeconfig } from './credentials.ts';
import { V1 } from './plugin.ts';

let authority: Authority;

beforeAll(async () => {
  authority = await Authority.make();
});
afterAll(() => authority.remove());

function connectTo(file: string): Promise<Connection> {
  return connect({ kubeconfig: file, env: {} });
}

/** What the error says after the name of the file, without where in it. */
async function problemOf(content: string): Promise<string> {
  const file = await fileWith(content);
  const error: unknown = await connectTo(file).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(KubeconfigError);
  const { message, cause } = error as Error;
  expect(message.startsWith(`kubeconfig ${file}: `)).toBe(true);
  expect(`${message} ${String(cause)}`).not.toContain('CANARY');
  return message.slice(`kubeconfig ${file}: `.length).replace(/ \(line \d+, column \d+\)/g, '');
}

/** An unsigned web token that ends so many seconds from now. */
function webToken(seconds: number): string {
  return `${encoded({ alg: 'none' })}.${encoded({ exp: Math.round(Date.now() / 1000) + seconds })}.CANARY`;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

/** A kubeconfig whose user has a provider with that token. */
function oidc(token: string): string {
  const config = { 'id-token': token, 'refresh-token': 'CANARY', 'client-id': 'x', 'idp-issuer-url': 'https://issuer.example' };
  return kubeconfig({ user: { 'auth-provider': { name: 'oidc', config } } });
}

describe('impersonation', () => {
  test('sends user, uid, each group, and extra under escaped keys in small letters', async () => {
    const user = { token: 't', as: 'jörg', 'as-uid': '7', 'as-groups': ['a', 'b c'], 'as-user-extra': { 'example.com/Scopes': ['x', 'y'], 'per%cent': ['z'] } };
    const { headers } = await connectTo(await fileWith(kubeconfig({ user })));
    expect(headers).toEqual({
      'impersonate-user': Buffer.from('jörg').toString('latin1'),
      'impersonate-uid': '7',
      'impersonate-group': ['a', 'b c'],
      'impersonate-extra-example.com%2fscopes': ['x', 'y'],
      'impersonate-extra-per%25cent': ['z'],
    });
  });
});

describe('keys that kubectl takes act or change nothing:', () => {
  test('empty values count as not given', async () => {
    const cluster = { 'certificate-authority': '', 'certificate-authority-data': null, 'proxy-url': '', 'tls-server-name': '', 'insecure-skip-tls-verify': false };
    const user = { token: 't', tokenFile: '', username: '', as: '', 'as-groups': [], 'as-user-extra': null, exec: null, 'auth-provider': null, extensions: [] };
    const connection = await connectTo(await fileWith(kubeconfig({ cluster, user, context: { namespace: '' } })));
    expect(Object.keys(connection).toSorted()).toEqual(['authorization', 'inCluster', 'server', 'tls']);
    expect(await connection.authorization()).toBe('Bearer t');
  });

  test('disable-compression, extensions, preferences and keys of the whole file', async () => {
    const extensions = [{ name: 'minikube.sigs.k8s.io', extension: { version: 'v1' } }];
    const content = kubeconfig({ cluster: { 'disable-compression': true, extensions }, user: { token: 't', extensions }, context: { extensions } });
    expect((await connectTo(await fileWith(`${content}\npreferences: {colors: true}\nextensions: []\n`))).server).toBe('https://10.0.0.1:6443');
  });

  test('a tokenFile counts before the token beside it while it can be read', async () => {
    const file = await fileWith(kubeconfig({ user: { token: 'fallback', tokenFile: 'token' } }));
    const connection = await connectTo(file);
    expect(await connection.authorization()).toBe('Bearer fallback');
    await writeFile(join(file, '../token'), 'from-file\n');
    expect(await connection.authorization()).toBe('Bearer from-file');
  });

  test('an id-token of oidc, until it ends; then the one that kubectl wrote into the file', async () => {
    const [ending, next] = [webToken(11), webToken(3600)];
    const file = await fileWith(oidc(ending));
    const connection = await connectTo(file);
    await writeFile(file, oidc(next));
    await expect.poll(() => connection.authorization(), { timeout: 20_000, interval: 200 }).toBe(`Bearer ${next}`);
  });

  test('merging: of one name the first counts, whole, and each file has its own folder', async () => {
    const first = await folder({ config: '', token: 'first' });
    const second = await folder({ config: '', token: 'second' });
    await writeFile(join(first, 'config'), stringify({ users: [{ name: 'demo', user: { tokenFile: 'token' } }] }));
    await writeFile(join(second, 'config'), kubeconfig({ user: { tokenFile: 'token', as: 'jane' } }));
    const other = await fileWith(kubeconfig({ name: 'other', cluster: { server: 'https://other' } }));
    const empty = await fileWith('');
    const connection = await connect({ env: { KUBECONFIG: ['', empty, join(first, 'config'), join(second, 'config'), other, '/missing'].join(':') } });
    expect(connection.server).toBe('https://10.0.0.1:6443');
    expect(connection.headers).toBeUndefined();
    expect(await connection.authorization()).toBe('Bearer first');
  });

  test('a kubeconfig that can be read once only', async () => {
    const directory = await folder({});
    await promisify(execFile)('mkfifo', [join(directory, 'config')]);
    const [connection] = await Promise.all([connectTo(join(directory, 'config')), writeFile(join(directory, 'config'), kubeconfig())]);
    expect(connection.server).toBe('https://10.0.0.1:6443');
  });
});

const CREDENTIALS = 'its credentials cannot be used: users[0]: ';

describe('what cannot act is refused, by file, key and what to do:', () => {
  const exec = { apiVersion: V1, command: '/bin/true', interactiveMode: 'Never' };
  test.each<[string, object, string]>([
    ['groups without a user', { 'as-groups': ['a'] }, 'as-uid, as-groups and as-user-extra need as; name a user there'],
    ['a uid without a user', { 'as-uid': '1' }, 'as-uid, as-groups and as-user-extra need as; name a user there'],
    ['extra without a user', { 'as-user-extra': { a: ['b'] } }, 'as-uid, as-groups and as-user-extra need as; name a user there'],
    ['a group that no header can carry', { as: 'a', 'as-groups': ['b\nX-Other: CANARY'] }, 'as-groups holds a line break or another control character; remove it'],
    ['a token of several lines', { token: 'CANARY\nCANARY' }, 'token holds a line break or another control character; remove it'],
    ['groups that are no list', { as: 'a', 'as-groups': 'CANARY' }, 'as-groups must be a list'],
    ['extra that is no mapping of lists', { as: 'a', 'as-user-extra': { scopes: 'CANARY' } }, 'as-user-extra must be a list'],
    ['a number for a token', { token: 123 }, 'token must be a string'],
    ['an unknown key', { token: 't', 'as-group': ['CANARY'] }, 'nobody knows the key that stands there; correct or remove it'],
    ['the key of another client', { 'token-file': '/CANARY' }, 'nobody knows the key that stands there; correct or remove it'],
    ['a token and a name', { token: 'CANARY', username: 'jane' }, 'username and a token are both given; remove one'],
    ['a password of nobody', { password: 'CANARY' }, 'password needs username; add it'],
    ['a certificate without key', { 'client-certificate-data': 'CANARY' }, 'client-certificate needs client-key or client-key-data; add it'],
    ['a key without certificate', { 'client-key-data': 'CANARY' }, 'client-key needs client-certificate or client-certificate-data; add it'],
    ['two certificates', { 'client-certificate-data': 'x', 'client-certificate': 'x', 'client-key': 'x' }, 'client-certificate-data and client-certificate are both given; remove one'],
    ['two keys', { 'client-certificate-data': 'x', 'client-key-data': 'x', 'client-key': 'x' }, 'client-key-data and client-key are both given; remove one'],
    ['garbage for a certificate', { 'client-certificate-data': 'CANARY', 'client-key-data': 'CANARY' }, 'client-certificate or client-key: the certificate is none; give a pair in PEM'],
    ['a plugin and a provider', { exec, 'auth-provider': { name: 'oidc' } }, 'exec and auth-provider are both given; remove one'],
    ['a provider kubectl has no more', { 'auth-provider': { name: 'gcp', config: { 'access-token': 'CANARY' } } }, 'auth-provider is another than oidc, the one kubectl still has; use a credential plugin (exec)'],
    ['a provider without a token', { 'auth-provider': { name: 'oidc', config: { 'refresh-token': 'CANARY' } } }, 'auth-provider has no id-token that is one; log in again with what made the kubeconfig'],
    ['a plugin without version', { exec: { command: '/bin/x' } }, `exec.apiVersion must be ${V1} or ${V1}beta1`],
    ['a plugin of a version of the past', { exec: { ...exec, apiVersion: `${V1}alpha1` } }, `exec.apiVersion must be ${V1} or ${V1}beta1`],
    ['a plugin without program', { exec: { apiVersion: V1 } }, 'exec.command must be a string'],
    ['a plugin that must ask', { exec: { ...exec, interactiveMode: 'Always' } }, 'exec.interactiveMode is Always, but nobody is there to be asked; use Never or IfAvailable, or another kind of credentials'],
    ['a plugin of v1 that does not say whether it asks', { exec: { ...exec, interactiveMode: null } }, 'exec.interactiveMode is missing; set Never or IfAvailable'],
    ['an unknown key of a plugin', { exec: { ...exec, argv: ['CANARY'] } }, 'exec: nobody knows the key that stands there; correct or remove it'],
    ['a variable without a name', { exec: { ...exec, env: [{ name: '', value: 'CANARY' }] } }, 'exec.env.0.name is empty; name a variable'],
  ])('%s', async (_, user, problem) => {
    expect(await problemOf(kubeconfig({ user }))).toBe(CREDENTIALS + problem);
  });

  test.each<[string, object, string | RegExp]>([
    ['two authorities', { 'certificate-authority': 'x', 'certificate-authority-data': 'x' }, 'certificate-authority-data and certificate-authority are both given; remove one'],
    ['an authority that need not be checked', { 'certificate-authority-data': 'x', 'insecure-skip-tls-verify': true }, 'insecure-skip-tls-verify and a certificate-authority exclude each other; remove one'],
    ['garbage for an authority', { 'certificate-authority-data': 'CANARY' }, 'its credentials cannot be used: certificate-authority-data holds no certificate; give one in PEM'],
    ['a word for a boolean', { 'insecure-skip-tls-verify': 'CANARY' }, 'insecure-skip-tls-verify must be a boolean'],
    ['an unknown key', { 'insecure-skip-tls': true }, 'nobody knows the key that stands there; correct or remove it'],
    ['no server', { server: '' }, 'server must be a string'],
    ['a server without scheme', { server: '10.0.0.1:6443' }, 'server is not the URL of an API server; use https://HOST:PORT'],
    ['a server with a password', { server: 'https://jane:CANARY@host' }, 'server is not the URL of an API server; use https://HOST:PORT'],
    ['a proxy of another kind', { 'proxy-url': 'socks5://jane:CANARY@p:1' }, 'proxy-url is not supported; use an http:// or https:// proxy'],
    ['what is no proxy', { 'proxy-url': 'p:1' }, 'proxy-url is not supported; use an http:// or https:// proxy'],
  ])('%s', async (_, cluster, problem) => {
    expect(await problemOf(kubeconfig({ cluster }))).toBe(`clusters[0]: ${String(problem)}`);
  });

  test.each<[string, object, string]>([
    ['an unknown key', { Namespace: 'x' }, 'nobody knows the key that stands there; correct or remove it'],
    ['a namespace that is none', { namespace: 'a/b' }, 'namespace is not the name of a namespace'],
    ['no user', { user: null }, 'user must be a string'],
  ])('of a context: %s', async (_, context, problem) => {
    expect(await problemOf(kubeconfig({ context }))).toBe(`contexts[0]: ${problem}`);
  });

  test.each<[string, string, string]>([
    ['a wrong indentation', 'users:\n- name: u\n  user:\n    token: CANARY\n   password: CANARY\n', 'cannot be read: it is not valid YAML: line 5, column 1: bad indent; correct it there'],
    ['an unclosed quote', 'users: "CANARY\n', 'cannot be read: it is not valid YAML: line 2, column 1: missing char; correct it there'],
    ['a key twice', 'current-context: a\ncurrent-context: CANARY\n', 'cannot be read: it is not valid YAML: line 2, column 1: duplicate key; correct it there'],
    ['an alias of nothing', 'users: *CANARY\n', 'cannot be read: it is not valid YAML: an alias has no anchor, or there are too many aliases; correct it there'],
    ['no mapping', 'CANARY', 'cannot be read: it is no kubeconfig, which is a YAML mapping'],
    ['something else', 'kind: Secret\napiVersion: v1\ndata: {a: CANARY}\n', 'cannot be read: its kind is not Config; give a kubeconfig'],
    ['a later version', 'apiVersion: v2\n', 'cannot be read: its apiVersion is not v1; give a kubeconfig'],
    ['no list', 'users: {CANARY: 1}\n', 'users must be a list'],
    ['an entry without name', 'users: [{user: {token: CANARY}}]\n', 'users[0] needs a name, a string'],
    ['a name twice', 'users: [{name: a}, {name: a}]\n', 'users[1] has the name of an earlier one; remove one'],
  ])('of a file: %s', async (_, content, problem) => {
    expect(await problemOf(content)).toBe(problem);
  });

  test('an oidc token that has ended, wherever it is looked for', async () => {
    expect(await problemOf(oidc(webToken(-1)))).toBe(
      `${CREDENTIALS}the id-token of auth-provider has ended; let kubectl renew it, or use a credential plugin (exec)`,
    );
  });

  test('a folder, a file that may not be read, and files that an entry names', async () => {
    const directory = await folder({});
    await expect(connectTo(directory)).rejects.toThrow(`kubeconfig ${directory}: cannot be read: EISDIR`);
    expect(await problemOf(kubeconfig({ user: { tokenFile: 'gone' } }))).toMatch(/tokenFile cannot be used: ENOENT$/);
    expect(await problemOf(kubeconfig({ user: { 'client-certificate': 'gone', 'client-key': 'gone' } }))).toMatch(/client-(certificate|key) cannot be read: ENOENT$/);
    expect(await problemOf(kubeconfig({ cluster: { 'certificate-authority': 'gone' } }))).toMatch(/^clusters\[0\]: its credentials cannot be used: certificate-authority cannot be read: ENOENT$/);
    const [mine, other] = [await authority.issue('mine'), await authority.issue('other')];
    const user = { 'client-certificate-data': base64(mine.cert), 'client-key-data': base64(other.key) };
    expect(await problemOf(kubeconfig({ user }))).toMatch(/the key belongs to another certificate; give a pair in PEM$/);
  });

  test('of several files, the one the entry stands in is named', async () => {
    const good = await fileWith(kubeconfig({ user: { token: 't' } }).replace('users:', 'others:'));
    const bad = await fileWith(stringify({ users: [{ name: 'demo', user: { 'as-uid': '1' } }] }));
    await expect(connect({ env: { KUBECONFIG: `${good}:${bad}` } })).rejects.toThrow(`kubeconfig ${bad}: ${CREDENTIALS.replace(': users[0]: ', ': users[0] (line 3, column 5): ')}as-uid`);
  });

  test.each<[string, string, string]>([
    ['of a key', kubeconfig({ user: { token: 123 } }), 'users[0] (line 11, column 7): token'],
    ['of a key in a list', kubeconfig({ user: { as: 'a', 'as-groups': ['b', 1] } }), 'users[0] (line 14, column 11): as-groups.1'],
    ['of what lacks a key', kubeconfig({ cluster: { server: null } }), 'clusters[0] (line 7, column 7): server'],
    ['of a key nobody knows', kubeconfig({ user: { token: 't', 'CANARY-1': 'CANARY' } }), 'users[0] (line 12, column 7): nobody'],
    ['of the current context', kubeconfig().replace('current-context: demo', 'current-context: CANARY'), 'current-context (line 3, column 1) names a context that does not exist; there are contexts[0] (line 14, column 5)'],
    ['of the name in a context', kubeconfig({ context: { user: 'CANARY' } }), 'contexts[0] (line 16, column 7): user names one that does not exist; there are users[0] (line 10, column 5)'],
  ])('and says the place %s', async (_, content, start) => {
    await expect(connectTo(await fileWith(content))).rejects.toThrow(start);
    await problemOf(content);
  });

  test('what the parser of YAML warns of is not printed: it quotes', async () => {
    const warnings: string[] = [];
    const listen = (warning: Error): void => void warnings.push(warning.message);
    process.on('warning', listen);
    await problemOf('{{token: CANARY-1}: x, [CANARY-2]: y}\n? {CANARY: 3}\n: z\n').catch(() => undefined);
    await connectTo(await fileWith(`${kubeconfig()}\n? [CANARY-4]\n: x\n`));
    await new Promise(setImmediate);
    process.off('warning', listen);
    expect(warnings).toEqual([]);
  });

  test('YAML of any depth is an error like others', async () => {
    expect(await problemOf(`users: ${'['.repeat(100_000)}`)).toMatch(/^cannot be read: it is not valid YAML: /);
    expect(await problemOf(`users: ${'{a: '.repeat(20_000)}`)).toMatch(/^cannot be read: it is not valid YAML: /);
  });
});
