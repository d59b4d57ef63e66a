// As whom the API server sees a client of a kubeconfig, held against the real kubectl.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { KubernetesClient } from '../../kubernetes/client.ts';
import { connect } from '../../kubernetes/connect.ts';
import type { ConnectOptions } from '../../kubernetes/connect.ts';
import { kubectl } from '../support/cluster.ts';
import { folder } from './credentials.ts';

interface Kubeconfig {
  readonly users: { user: Record<string, unknown> }[];
}

/** The path of a copy of the admin's kubeconfig whose user is changed. */
async function changed(change: (user: Record<string, unknown>) => object): Promise<string> {
  const config = parse(await readFile(inject('kubeconfig'), 'utf8')) as Kubeconfig;
  for (const each of config.users) Object.assign(each, { user: change(each.user) });
  return join(await folder({ config: stringify(config) }), 'config');
}

/** As whom the API server sees the client of these credentials. */
async function whoami(options: Omit<ConnectOptions, 'env'> & { readonly env?: ConnectOptions['env'] }): Promise<unknown> {
  const client = new KubernetesClient(await connect({ env: process.env, ...options }));
  onTestFinished(() => client.close());
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await client.request('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body: JSON.stringify(review) });
  return (JSON.parse(answer.body.toString()) as { status: { userInfo: unknown } }).status.userInfo;
}

/** As whom it sees kubectl. */
async function whoIsKubectl(kubeconfig: string): Promise<unknown> {
  const { stdout, stderr } = await kubectl(['auth', 'whoami', '-o', 'json'], { kubeconfig });
  expect(stderr).toBe('');
  return (JSON.parse(stdout) as { status: { userInfo: unknown } }).status.userInfo;
}

const ALL_OF_A_USER = {
  as: 'jörg',
  'as-uid': 'u-1',
  'as-groups': ['devs', 'on call'],
  'as-user-extra': { 'example.com/scopes': ['a', 'b'], 'per%cent': ['ü'] },
};

test.each<[string, object, object]>([
  ['a user', { as: 'jane' }, { username: 'jane', groups: ['system:authenticated'] }],
  ['uid, groups and extra of a user', ALL_OF_A_USER, {
    username: 'jörg',
    uid: 'u-1',
    groups: ['devs', 'on call', 'system:authenticated'],
    extra: { 'example.com/scopes': ['a', 'b'], 'per%cent': ['ü'] },
  }],
])('the API server takes the client for %s that it impersonates, and kubectl for the same', async (_, impersonation, expected) => {
  const kubeconfig = await changed((user) => ({ ...user, ...impersonation }));
  expect(await whoami({ kubeconfig })).toEqual(expected);
  expect(await whoIsKubectl(kubeconfig)).toEqual(expected);
});

test.each<[string, object]>([
  ['groups of nobody', { 'as-groups': ['devs'] }],
  ['a uid of nobody', { 'as-uid': 'u' }],
  ['extra of nobody', { 'as-user-extra': { a: ['b'] } }],
  ['two kinds of credentials', { username: 'jane', password: 'x' }],
  ['a number for a token', { token: 5 }],
  ['a provider of the past', { token: null, 'auth-provider': { name: 'gcp' } }],
  ['a plugin of v1 that does not say whether it asks', { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'true' } }],
  ['a plugin that must ask', { token: null, exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'true', interactiveMode: 'Always' } }],
])('%s in a kubeconfig is refused, as by kubectl', async (_, more) => {
  const kubeconfig = await changed((user) => ({ ...user, ...more }));
  await expect(connect({ kubeconfig, env: {} })).rejects.toThrow(`kubeconfig ${kubeconfig}: `);
  expect((await kubectl(['get', 'nodes'], { kubeconfig })).code).not.toBe(0);
});

test.each(['v1', 'v1beta1'])('a credential plugin of %s gives the token by which the API server knows the client, and kubectl', async (version) => {
  const apiVersion = `client.authentication.k8s.io/${version}`;
  const kubeconfig = await changed(({ token }) => {
    const answer = JSON.stringify({ apiVersion, kind: 'ExecCredential', status: { token } });
    return { exec: { apiVersion, command: 'sh', args: ['-c', `cat <<'END'\n${answer}\nEND`], interactiveMode: 'Never' } };
  });
  expect(await whoami({ kubeconfig })).toMatchObject({ username: 'admin' });
  expect(await whoIsKubectl(kubeconfig)).toMatchObject({ username: 'admin' });
});

test('of several kubeconfigs the same one counts as with kubectl', async () => {
  const first = await changed((user) => ({ ...user, as: 'first' }));
  const second = await changed((user) => ({ ...user, as: 'second', 'as-groups': ['x'] }));
  const KUBECONFIG = ['/missing', first, second].join(':');
  const expected = { username: 'first', groups: ['system:authenticated'] };
  expect(await whoami({ env: { KUBECONFIG } })).toEqual(expected);
  expect(await whoIsKubectl(KUBECONFIG)).toEqual(expected);
});
