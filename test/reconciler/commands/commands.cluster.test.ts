// The commands that ask a cluster, against the real API server: what they say, and to whom.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse, stringify } from 'yaml';
import packageJson from '../../../package.json' with { type: 'json' };
import { DEPLOYMENTS, LEASES, PODS } from '../../../kubernetes/objects.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { connect, eventually, kubectl, uniqueName, useNamespace } from '../../support/cluster.ts';
import { ensureCrd } from '../../support/crd.ts';
import { startOperator, type TestOperator } from '../../support/operator.ts';
import { call, type Ended } from './in-process.ts';

const namespace = useNamespace('commands');
const viewer = uniqueName('viewer');
let [dir, client, operator]: [string, KubernetesClient, TestOperator] = ['', undefined as never, undefined as never];

/** A file with an MCPServer of the namespace. */
async function fileWith(name: string, spec: object, where = namespace): Promise<string> {
  const file = join(dir, `${uniqueName(name)}.yaml`);
  await writeFile(file, stringify({ apiVersion: 'mcp.example.com/v1alpha1', kind: 'MCPServer', metadata: { name, namespace: where }, spec }));
  return file;
}

/** A kubeconfig of somebody without the rights of an administrator. */
async function kubeconfigOf(user: string): Promise<string> {
  const config = parse(await readFile(inject('kubeconfig'), 'utf8')) as { readonly users: { user: object }[] };
  for (const each of config.users) each.user = { ...each.user, as: user };
  const file = join(dir, user);
  await writeFile(file, stringify(config));
  return file;
}

function ask(args: readonly string[], kubeconfig: string = inject('kubeconfig')): Promise<Ended> {
  return call([...args, '--kubeconfig', kubeconfig]);
}

async function apply(manifest: string): Promise<void> {
  expect(await kubectl(['apply', '--server-side', '-f', '-'], { input: manifest })).toMatchObject({ code: 0 });
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'mcp-commands-'));
  client = await connect();
  await ensureCrd(client);
  operator = await startOperator({ namespace });
  const rules = [{ apiGroups: ['*'], resources: ['mcpservers', 'deployments', 'services', 'serviceaccounts', 'configmaps'], verbs: ['get', 'list'] }];
  const names = { metadata: { name: 'view', namespace } };
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'view' };
  await apply([{ kind: 'Role', ...names, rules }, { kind: 'RoleBinding', ...names, roleRef, subjects: [{ kind: 'User', name: viewer }] }]
    .map((each) => stringify({ apiVersion: 'rbac.authorization.k8s.io/v1', ...each })).join('---\n'));
});

afterAll(async () => {
  await operator.stop();
  client.close();
  await rm(dir, { recursive: true, force: true });
});

describe('mcp-operator diff', () => {
  test('shows an MCPServer that is not there whole, with all that is rendered for it, and writes nothing', async () => {
    const { code, stdout, stderr } = await ask(['diff', '-f', await fileWith('absent', { image: 'x' })]);
    expect([code, stderr]).toEqual([1, '']);
    expect(stdout.split('\n').filter((line) => /^\S/.test(line))).toEqual(['MCPServer', 'ServiceAccount', 'Service', 'Deployment'].map((kind) => `+ ${kind} ${namespace}/absent`));
    expect(await client.get(MCP_SERVERS, { namespace, name: 'absent' }).catch((error: Error) => error.message)).toMatch(/NotFound/);
  });

  test('is empty once the operator has done what the file says, and then shows each field that would change', async () => {
    const spec = { image: 'registry.example.com/weather:1', config: { UNITS: 'metric', API_KEY: 'first-value' } };
    const file = await fileWith('present', spec);
    await apply(await readFile(file, 'utf8'));
    await eventually(async () => client.get(DEPLOYMENTS, { namespace, name: 'present' }));
    await eventually(async () => expect(await ask(['diff', '-f', file])).toEqual({ code: 0, signal: null, stdout: '', stderr: '' }));
    const changed = await fileWith('present', { ...spec, image: 'registry.example.com/weather:2', replicas: 2, config: { API_KEY: 'second-value' } });
    const { code, stdout } = await ask(['diff', '-f', changed]);
    expect(code).toBe(1);
    expect(stdout).toContain(`~ MCPServer ${namespace}/present\n`);
    expect(stdout).toContain('    spec.template.spec.containers[mcp-server].image\n      - registry.example.com/weather:1\n      + registry.example.com/weather:2\n');
    expect(stdout).toContain(`+ PodDisruptionBudget ${namespace}/present\n`);
    expect(stdout).toContain('    data.UNITS\n      - metric\n');
    expect(stdout).toContain('*** (before)');
    expect(stdout).not.toMatch(/first-value|second-value|applied-hash|resourceVersion/);
    const { objects } = JSON.parse((await ask(['diff', '-f', changed, '-o', 'json'])).stdout) as { readonly objects: readonly object[] };
    expect(objects).toContainEqual(expect.objectContaining({ kind: 'ServiceAccount', change: 'None', differences: [], isDryRun: true, problem: null }));
    const without = await fileWith('present', { image: 'registry.example.com/weather:1' });
    expect((await ask(['diff', '-f', without])).stdout).toContain(`- ConfigMap ${namespace}/present-config\n`);
  });

  test('compares with the live objects for somebody who may not try, and says so', async () => {
    const kubeconfig = await kubeconfigOf(viewer);
    const changed = await fileWith('present', { image: 'registry.example.com/weather:3' });
    const { code, stdout, stderr } = await ask(['diff', '-f', changed], kubeconfig);
    expect(stdout).toContain('    spec.template.spec.containers[mcp-server].image\n      - registry.example.com/weather:1\n      + registry.example.com/weather:3\n');
    expect(stderr).toMatch(new RegExp(`^note: you may not try changes of MCPServers in ${namespace}, .*Deployments in ${namespace}`));
    // Of kinds that may not be listed nobody can tell whether some would go.
    expect([code, stdout]).toEqual([2, expect.stringMatching(/\? PodDisruptionBudget .*\n    cannot be compared: GET poddisruptionbudgets/)]);
  });

  test.each<[string, () => Promise<string[]>, RegExp]>([
    ['a namespace that is not there', async () => ['-f', await fileWith('a', { image: 'x' }, 'nowhere-at-all')], /^$/],
    ['an invalid MCPServer', async () => ['-f', await fileWith('invalid', { image: 'x', replica: 1 })], /^error: MCPServer invalid is invalid: spec\.replica: unknown field/],
    ['a context that is not there', async () => ['--context', 'nope', '-f', await fileWith('a', { image: 'x' })], /the context that was asked for does not exist/],
  ])('ends with 2 for %s', async (_what, args, stderr) => {
    expect(await ask(['diff', ...(await args())])).toMatchObject({ code: 2, stderr: expect.stringMatching(stderr) as string });
  });

  test('tells somebody without any right what is missing', async () => {
    const { code, stdout, stderr } = await ask(['diff', '-f', await fileWith('a', { image: 'x' })], await kubeconfigOf('nobody'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: a right is missing: GET mcpservers .*; ask whoever administers the cluster for it\n$/);
  });
});

describe('mcp-operator check', () => {
  interface Line { readonly name: string; readonly result: string; readonly message: string }
  interface Checked { readonly code: number | null; readonly lines: readonly Line[] }
  const checks = async (args: readonly string[], kubeconfig?: string): Promise<Checked> => {
    const { code, stdout } = await ask(['check', '-o', 'json', '-n', namespace, '--operator-namespace', namespace, ...args], kubeconfig);
    return { code, lines: (JSON.parse(stdout) as { readonly checks: readonly Line[] }).checks };
  };
  const ofOurs = (lines: readonly Line[], name: string): string[] =>
    lines.filter((line) => line.name === name && line.message.includes(namespace)).map(({ result }) => result);

  test('says before the installation whether it can be made', async () => {
    const { code, lines } = await checks(['--pre']);
    expect(code).toBe(0);
    expect(lines.filter(({ name }) => ['kubernetes-version', 'rights'].includes(name)).map(({ result }) => result)).toEqual(['Passed', 'Passed']);
    const poor = await checks(['--pre'], await kubeconfigOf('nobody'));
    expect(poor.code).toBe(1);
    expect(poor.lines).toContainEqual(expect.objectContaining({ name: 'rights', result: 'Failed', message: expect.stringContaining('create/patch customresourcedefinitions.apiextensions.k8s.io') }));
  });

  test('sees an installation that does not work yet, works, and has lost its leader', async () => {
    const { stdout } = await call(['install', '--no-crd', '-n', namespace, '--watch-namespace', namespace, '--no-create-namespace', '--bridge-image', 'registry.example.com/own/bridge:1']);
    await apply(stdout);
    const before = await checks([]);
    expect([before.code, ofOurs(before.lines, 'ready'), ofOurs(before.lines, 'leader'), ofOurs(before.lines, 'settings')]).toEqual([1, ['Failed'], ['Failed'], ['Warning']]);
    expect(before.lines).toContainEqual(expect.objectContaining({ name: 'crd', result: 'Passed' }));

    // There is no node, so somebody has to say that the pods are ready.
    await eventually(async () => {
      const { items } = await client.list(PODS, { namespace, labelSelector: 'app.kubernetes.io/component=operator' });
      const status = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };
      await Promise.all(items.map(({ metadata: { name } }) => client.patch(PODS, { namespace, name }, { status }, { subresource: 'status' })));
      expect(await client.get(DEPLOYMENTS, { namespace, name: 'mcp-operator' })).toMatchObject({ status: { readyReplicas: 2 } });
    });
    const renewTime = new Date().toISOString().replace('Z', '000Z');
    const lease = { metadata: { namespace, name: 'mcp-operator' }, spec: { holderIdentity: 'pod-a_x', leaseDurationSeconds: 600, renewTime } };
    await client.create(LEASES, lease);
    const working = await checks([]);
    expect([ofOurs(working.lines, 'ready'), ofOurs(working.lines, 'leader')]).toEqual([['Passed'], ['Passed']]);

    await client.patch(LEASES, lease.metadata, { spec: { leaseDurationSeconds: 15, renewTime: '2020-01-01T00:00:00.000000Z' } });
    const lost = await checks([]);
    expect([lost.code, ofOurs(lost.lines, 'leader')]).toEqual([1, ['Failed']]);
  });

  test('says what somebody with few rights may not see, and does not fail by it', async () => {
    const { lines } = await checks([], await kubeconfigOf(viewer));
    expect(lines).toContainEqual(expect.objectContaining({ name: 'rights', result: 'Warning', message: expect.stringMatching(/create, patch, delete is missing$/) }));
    expect(lines).toContainEqual(expect.objectContaining({ name: 'leader', result: 'Warning' }));
  });
});

describe('mcp-operator version', () => {
  test('tells of the program, the operator and the cluster', async () => {
    const { code, stdout } = await ask(['version', '-o', 'json', '-n', namespace]);
    const { body } = await client.request('GET', '/version');
    const { gitVersion } = JSON.parse(body.toString()) as { readonly gitVersion: string };
    const operators = expect.arrayContaining([expect.objectContaining({ namespace })]) as object;
    const program = { version: packageJson.version, node: process.versions.node };
    expect([code, JSON.parse(stdout)]).toEqual([0, { client: program, operators, cluster: { version: gitVersion } }]);
    const poor = await ask(['version', '-n', namespace], await kubeconfigOf('nobody'));
    expect([poor.code, poor.stdout]).toEqual([0, expect.stringContaining(gitVersion)]);
    expect(poor.stderr).toMatch(/^note: the operator is not told: GET deployments/);
  });

  test('tells of the program alone where no cluster answers', async () => {
    const config = parse(await readFile(inject('kubeconfig'), 'utf8')) as { readonly clusters: { readonly cluster: { server: string } }[] };
    for (const { cluster } of config.clusters) cluster.server = 'https://127.0.0.1:1';
    await writeFile(join(dir, 'gone'), stringify(config));
    const { code, stdout, stderr } = await ask(['version'], join(dir, 'gone'));
    expect([code, stdout]).toEqual([1, `client:   ${packageJson.version} (Node ${process.versions.node})\n`]);
    expect(stderr).toMatch(/^error: the cluster at https:\/\/127\.0\.0\.1:1 cannot be asked: .*; check that it runs and can be reached from here, or name another one with --context or --kubeconfig\n$/);
    expect(await call(['version', '--client'])).toMatchObject({ code: 0, stdout, stderr: '' });
  });
});
