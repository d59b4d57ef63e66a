import { readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { KubeconfigError } from '../../kubernetes/kubeconfig-error.ts';
import { CONFIG_MAPS } from '../../kubernetes/objects.ts';
import { eventually } from '../support/cluster.ts';
import { Authority, base64 } from './authority.ts';
import { FUTURE, PAST, plugin, V1 } from './plugin.ts';
import type { Plugin } from './plugin.ts';
import { failure, sendJson, wireServer } from './wire-server.ts';

let authority: Authority;

beforeAll(async () => {
  authority = await Authority.make();
});
afterAll(() => authority.remove());

/** What connecting says; it must fail, by a KubeconfigError that names the file. */
async function problemOf(source: Plugin, env?: Record<string, string>): Promise<string> {
  const error: unknown = await source.connect(env).then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(KubeconfigError);
  const { message, stack = '', cause } = error as Error;
  expect(message).toContain(`kubeconfig ${source.file}: its credentials cannot be used: users[0] (line `);
  expect(message).toMatch(/ \(line \d+, column 7\): exec/);
  expect(cause).toBeUndefined();
  expect(stack.split('\n    at ')[0]).toContain(message);
  return message;
}

/** What a plugin was told that prints it as its token, in base64. */
async function told(source: Plugin): Promise<unknown> {
  const header = await (await source.connect()).authorization();
  return JSON.parse(Buffer.from((header ?? '').slice('Bearer '.length), 'base64').toString());
}

describe('a credential plugin', () => {
  test('finds its program beside the kubeconfig or on PATH, its arguments, its variables over those of this process, no terminal', async () => {
    const script = 'printf \'{"apiVersion":"%s","kind":"ExecCredential","status":{"token":"%s"}}\' "' + V1 + '" "$1-$2-$FROM-$OVER-$(cat)"';
    const exec = { args: ['a b', '$HOME'], env: [{ name: 'OVER', value: 'own' }, { name: 'EMPTY', value: '' }] };
    const beside = await plugin({ script, exec });
    const env = { FROM: 'process', OVER: 'process' };
    expect(await (await beside.connect(env)).authorization()).toBe('Bearer a b-$HOME-process-own-');
    const onPath = await plugin({ script, exec: { ...exec, command: 'plugin' } });
    const path = `${dirname(onPath.file)}:${process.env['PATH'] ?? ''}`;
    expect(await (await onPath.connect({ ...env, PATH: path })).authorization()).toBe('Bearer a b-$HOME-process-own-');
  });

  test('is told its API version, that nobody is there to be asked, and of the cluster if it wants to know', async () => {
    const script = 'printf \'{"apiVersion":"client.authentication.k8s.io/v1beta1","kind":"ExecCredential","status":{"token":"%s"}}\' "$(echo "$KUBERNETES_EXEC_INFO" | base64 -w 0)"';
    const exec = { apiVersion: 'client.authentication.k8s.io/v1beta1' };
    const spec = { interactive: false };
    expect(await told(await plugin({ script, exec }))).toEqual({ ...exec, kind: 'ExecCredential', spec });
    const extension = { audience: 'demo' };
    const cluster = {
      'certificate-authority-data': base64(authority.ca),
      'tls-server-name': 'api.example',
      extensions: [{ name: 'client.authentication.k8s.io/exec', extension }, { name: 'other', extension: 1 }],
    };
    expect(await told(await plugin({ script, cluster, exec: { ...exec, provideClusterInfo: true } }))).toEqual({
      ...exec,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://10.0.0.1:6443', 'certificate-authority-data': base64(authority.ca), 'tls-server-name': 'api.example', config: extension } },
    });
  });

  test('runs once for all who ask meanwhile', async () => {
    const source = await plugin({ script: 'echo run >> "$(dirname "$0")/runs"; sleep 0.3; cat "$(dirname "$0")/answer"' });
    await source.answer({ token: 'first', expirationTimestamp: PAST });
    const connection = await source.connect();
    await source.answer({ token: 'second', expirationTimestamp: FUTURE });
    const headers = await Promise.all(Array.from({ length: 10 }, () => connection.authorization()));
    expect(new Set(headers)).toEqual(new Set(['Bearer second']));
    expect(await source.runs()).toBe(2);
  });

  test('gives way to a token that stands beside it, as with kubectl', async () => {
    const source = await plugin({ user: { token: 'own' } });
    await source.answer({ token: 'printed' });
    expect(await (await source.connect()).authorization()).toBe('Bearer own');
  });

  test('that fails later makes requests Unauthorized, with its reason, and works again as soon as it does', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, { metadata: {} }));
    const source = await plugin({ cluster: { server: server.url } });
    await source.answer({ token: 'short', expirationTimestamp: PAST });
    const client = new KubernetesClient(await source.connect());
    await rm(join(dirname(source.file), 'answer'));
    const error = await failure(client.get(CONFIG_MAPS, { namespace: 'demo', name: 'x' }));
    expect(error.kind).toBe('Unauthorized');
    expect(error.message).toMatch(/^GET configmaps demo\/x: no credentials: kubeconfig .*: exec: its credential plugin plugin ended with exit code 1$/);
    expect(server.requests).toHaveLength(0);
    await source.answer({ token: 'back' });
    await client.get(CONFIG_MAPS, { namespace: 'demo', name: 'x' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer back');
    client.close();
  });

  test('that takes longer than a request may makes that a Timeout which says what is missing', async () => {
    const server = await wireServer((_, response) => sendJson(response, 200, {}));
    const source = await plugin({ script: 'cat "$(dirname "$0")/answer"; [ -s "$(dirname "$0")/runs" ] && sleep 600; echo run >> "$(dirname "$0")/runs"', cluster: { server: server.url }, timeoutMs: 1_500 });
    await source.answer({ token: 'short', expirationTimestamp: PAST });
    const connection = await source.connect();
    const client = new KubernetesClient(connection, { requestTimeoutMs: 100 });
    const error = await failure(client.get(CONFIG_MAPS, { namespace: 'demo', name: 'x' }));
    expect([error.kind, error.message]).toEqual(['Timeout', 'GET configmaps demo/x: no credentials within 0.1 s']);
    await expect(connection.authorization()).rejects.toThrow('its credential plugin plugin gave no answer within 1.5 s');
    client.close();
  });
});

describe('a credential plugin that fails says how in one sentence:', () => {
  test.each<[string, string, RegExp]>([
    ['an exit code, without what it complained of', 'echo "please log in" >&2; exit 3', /credential plugin plugin ended with exit code 3$/],
    ['a signal', 'kill -9 $$', /was ended by SIGKILL$/],
    ['nothing printed', 'true', /printed no ExecCredential$/],
    ['garbage', 'echo CANARY-garbage: [', /printed no ExecCredential$/],
    ['other JSON', 'echo "{\\"token\\":\\"CANARY\\"}"', /printed no ExecCredential$/],
    ['more than it may print', 'echo complaint >&2; yes CANARY', /printed more than 256 KiB$/],
    ['a complaint without end', 'yes spam | head -c 9000000 >&2; echo the end >&2; exit 1', /exit code 1$/],
  ])('%s', async (_, script, message) => {
    const problem = await problemOf(await plugin({ script }));
    expect(problem).toMatch(message);
    expect(problem).not.toContain('CANARY');
    expect(problem.length).toBeLessThan(1000);
    expect(problem).not.toContain('\n');
  });

  test('no answer in time; what it started is ended with it', async () => {
    const source = await plugin({ script: 'echo open your browser >&2; sleep 600 & echo $! > "$(dirname "$0")/runs"; wait', timeoutMs: 2_000 });
    expect(await problemOf(source)).toMatch(/gave no answer within 2 s$/);
    const pid = Number(await readFile(join(dirname(source.file), 'runs'), 'utf8'));
    await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'));
  });

  test('a background process that keeps its output open does not keep the answer', async () => {
    const source = await plugin({ script: 'sleep 600 & cat "$(dirname "$0")/answer"; echo $! > "$(dirname "$0")/runs"' });
    await source.answer({ token: 'there' });
    expect(await (await source.connect()).authorization()).toBe('Bearer there');
    process.kill(Number(await readFile(join(dirname(source.file), 'runs'), 'utf8')));
  });

  test('a missing program, and where the kubeconfig has a hint, in one line', async () => {
    const source = await plugin({ exec: { command: 'no-such-plugin', installHint: 'Install it:\n\u001b[31m brew install x' } });
    expect(await problemOf(source)).toMatch(/its credential plugin no-such-plugin cannot be started: there is no such program, or not what its first line names; installHint \(line 15, column 9\) may say how to get it$/);
    expect(await problemOf(await plugin({ exec: { command: './config' } }))).toMatch(/cannot be started: it is not executable$/);
    expect(await problemOf(await plugin({ exec: { args: ['CANARY\0'] } }))).not.toContain('CANARY');
    expect(await problemOf(await plugin({ exec: { command: '/CANARY/get token=CANARY' } }))).toMatch(/exec: its credential plugin cannot be started: there is no such program/);
    expect(await problemOf(await plugin({ exec: { command: '/CANARY/no-such-plugin' } }))).not.toContain('CANARY');
  });

  test.each<[string, object, RegExp]>([
    ['another API version', { apiVersion: 'client.authentication.k8s.io/v1beta1', status: { token: 'CANARY' } }, /of another apiVersion than client\.authentication\.k8s\.io\/v1$/],
    ['no status', { status: null }, /without status$/],
    ['an empty status', {}, /neither a token nor a certificate$/],
    ['a certificate without key', { status: { clientCertificateData: 'CANARY' } }, /only one of clientCertificateData and clientKeyData$/],
    ['a certificate that is none', { status: { clientCertificateData: 'CANARY', clientKeyData: 'CANARY' } }, /cannot be used: the certificate is none$/],
    ['a token that is no string', { status: { token: 12345 } }, /token is no string$/],
    ['a token that no header can carry', { status: { token: 'CANARY\n' } }, /a token with control characters$/],
    ['an end that is no time', { status: { token: 'CANARY', expirationTimestamp: 'CANARY' } }, /expirationTimestamp that is no time$/],
  ])('an ExecCredential with %s', async (_, credential, message) => {
    const source = await plugin();
    await source.answer({}, credential);
    const problem = await problemOf(source);
    expect(problem).toMatch(message);
    expect(problem).not.toMatch(/CANARY|12345/);
  });

  test('a key of another certificate', async () => {
    const source = await plugin();
    const [mine, other] = [await authority.issue('mine'), await authority.issue('other')];
    await source.answer({ clientCertificateData: mine.cert, clientKeyData: other.key });
    expect(await problemOf(source)).toMatch(/the key belongs to another certificate$/);
  });

  test.each([
    ['a parameter of an address', 'at https://sso.example/login?client_secret=CANARY-1&x=1 now', 'at https://sso.example/login?client_secret=***&x=*** now'],
    ['a flag', 'ran login --token=CANARY --user jane', 'ran login --token=*** --user jane'],
    ['JSON', '{"accessToken": "CANARY x", "error": "expired"}', '{"accessToken": ***, "error": "expired"}'],
    ['a header', 'Authorization: Bearer CANARY refused', 'Authorization: *** *** refused'],
    ['a web token', 'got eyJhbGciOiJIUzI1NiJ9.CANARY.abc from there', 'got *** from there'],
    ['a long opaque word', 'got CANARYCANARYCANARYCANARYCANARYCANARY back', 'got *** back'],
    ['a key', '-----BEGIN PRIVATE KEY-----\nCANARY/CANARY\n-----END PRIVATE KEY----- is wrong', '*** is wrong'],
    ['the end of a key', 'CANARY/CANARY\n-----END PRIVATE KEY----- is wrong', '*** is wrong'],
  ])('of %s it complained of it tells nobody, and the debug log without it', async (_, complaint, shown) => {
    const source = await plugin({ script: `cat >&2 <<'END'\n${complaint}\nEND\nexit 1` });
    expect(await problemOf(source)).toMatch(/exit code 1$/);
    expect(source.complaints).toEqual([{ plugin: 'plugin', complaint: shown }]);
  });

  test('of a complaint without end the last is kept', async () => {
    const source = await plugin({ script: 'yes spam | head -c 9000000 >&2; echo the end >&2; exit 1' });
    await problemOf(source);
    expect(source.complaints[0]?.complaint).toMatch(/^[spam ]{490,493}the end$/);
  });
});
