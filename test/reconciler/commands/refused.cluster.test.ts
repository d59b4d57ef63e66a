// What the commands that look at MCPServers say where there is nothing to look at, or not all of it may be seen.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/objects.ts';
import { startCli } from '../../support/cli-process.ts';
import { connect, eventually, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { Fleet } from '../scene.ts';
import { cliWith, type Cli } from './in-process.ts';

const namespace = useNamespace('look');
let client: KubernetesClient;
let cli: Cli;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
  const fleet = new Fleet(client, namespace);
  await fleet.create('weather');
  cli = cliWith(inject('kubeconfig'));
});
afterAll(() => client.close());

test('an unknown name, a name of another namespace, and one that can be none each have one sentence', async () => {
  const [near, elsewhere, far, impossible, both] = await Promise.all([
    cli('explain', 'waether', '-n', namespace),
    cli('logs', 'weather', '-n', 'kube-public'),
    cli('verify', 'nothing-like-it', '-n', namespace),
    cli('events', 'a/b', '-n', namespace),
    cli('status', 'weather', '-A'),
  ]);
  expect(near).toEqual({ code: 2, signal: null, stdout: '', stderr: `error: there is no MCPServer waether in namespace ${namespace}. Did you mean weather?\n` });
  expect(elsewhere).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(new RegExp(`^error: there is no MCPServer weather in namespace kube-public, but one in .*${namespace}.*: name the namespace with -n\n$`)) as string });
  expect(far).toEqual({ code: 2, signal: null, stdout: '', stderr: `error: there is no MCPServer nothing-like-it in namespace ${namespace}: mcp-operator status -A lists those there are\n` });
  expect(impossible).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('It must be the name of an MCPServer') as string });
  expect(both).toMatchObject({ code: 2, stderr: expect.stringContaining('leave out the name') as string });
});

test('one without operator and pods is Unknown, has no logs and no events, and cannot be reached', async () => {
  const [shown, said, happened, asked, reached] = await Promise.all([
    cli('status', '-n', namespace),
    cli('logs', 'weather', '-n', namespace),
    cli('events', 'weather', '-n', namespace),
    cli('verify', 'weather', '-n', namespace),
    cli('connect', 'weather', '-n', namespace),
  ]);
  expect(shown.code).toBe(1);
  expect(shown.stdout).toMatch(/Deployment weather: Missing/);
  expect(said).toEqual({ code: 0, signal: null, stdout: '', stderr: `MCPServer ${namespace}/weather has no pods: mcp-operator explain weather -n ${namespace} says why\n` });
  expect(happened).toMatchObject({ code: 0, stdout: expect.stringContaining('There are no events of MCPServer') as string });
  expect(asked).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('has no pod that could be asked') as string });
  expect(reached).toEqual({ code: 1, signal: null, stdout: '', stderr: `error: no pod of MCPServer ${namespace}/weather is ready: mcp-operator explain weather -n ${namespace} says why\n` });
});

const ROLES: ResourceType = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role', plural: 'roles', namespaced: true };
const BINDINGS: ResourceType = { ...ROLES, kind: 'RoleBinding', plural: 'rolebindings' };

test('who may only read MCPServers sees them, and what was not shown; who may nothing is told the right that is missing', async () => {
  const subjects = [{ kind: 'User', name: 'reader' }];
  const role = { metadata: { name: 'reader', namespace }, rules: [{ apiGroups: ['mcp.example.com'], resources: ['mcpservers'], verbs: ['get', 'list'] }] };
  await client.create(ROLES, role);
  const roleRef = { kind: 'Role', name: 'reader', apiGroup: ROLES.group };
  await client.create(BINDINGS, { metadata: { name: 'reader', namespace }, subjects, roleRef } as KubernetesObject);
  const restricted = cliWith(await asUser('reader'));
  await eventually(async () => expect((await restricted('status', 'weather', '-n', namespace)).stdout).toContain('Not shown, for you may not list them:'));
  const [all, logs] = await Promise.all([restricted('status', '-A'), restricted('logs', 'weather', '-n', namespace)]);
  expect(all).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: a right is missing: .*403 Forbidden/) as string });
  expect(logs).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`you may not list pods in namespace ${namespace}`) as string });
});

test('logs -f waits for pods until Ctrl-C, and a cluster that is not there is told at once', async () => {
  const following = startCli(inject('kubeconfig'), { home: '/nonexistent', cwd: '/', args: ['logs', 'weather', '-n', namespace, '-f'] });
  await eventually(() => expect(following.printed().stderr).toContain('has no pods; waiting for some'));
  expect(await following.end()).toEqual({ code: null, signal: 'SIGINT' });
  expect(await cli('status', '--kubeconfig', '/nonexistent/file')).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: /) as string });
});

/** Path of a kubeconfig by which the administrator acts as somebody else, until the test ends. */
async function asUser(name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'look-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const kubeconfig = parse(await readFile(inject('kubeconfig'), 'utf8')) as { users: { user: object }[] };
  const users = kubeconfig.users.map((each) => ({ ...each, user: { ...each.user, as: name } }));
  await writeFile(join(folder, 'kubeconfig'), stringify({ ...kubeconfig, users }));
  return join(folder, 'kubeconfig');
}
