// Installing, upgrading and uninstalling with the real kubectl and the commands of docs/installation.md, each on an empty cluster.
// The cases of one describe block follow on each other: installed, started, uninstalled.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { API_VERSION, KIND } from '../../../charts/api/group.ts';
import { render } from '../../../charts/render.ts';
import { withOwner } from '../../../reconciler/children/ownership.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import { startControlPlane, type ControlPlane } from '../../cluster/control-plane.ts';
import { runKubectl } from '../../cluster/kubectl.ts';
import { eventually } from '../../support/cluster.ts';
import { installed } from '../../support/operator-manifests.ts';
import { mcpServer } from '../../support/rendered.ts';

const ROOT = join(import.meta.dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/installation.md'), 'utf8');
const EARLIER = join(import.meta.dirname, 'earlier-installation.yaml');
const SPEC = { image: 'example.com/server:1', replicas: 2, config: { A: '1' } };

/** A cluster of its own for the calling block. */
function useEmptyCluster(): { kubectl: (command: string, input?: string) => Promise<string> } {
  const parts: { dir?: string; plane?: ControlPlane } = {};
  beforeAll(async () => {
    parts.dir = await mkdtemp(join(tmpdir(), 'mcp-installation-'));
    parts.plane = await startControlPlane({ dir: parts.dir, auditLog: false });
  });
  afterAll(async () => {
    await parts.plane?.stop();
    if (parts.dir !== undefined) await rm(parts.dir, { recursive: true, force: true });
  });
  const kubectl = async (command: string, input = ''): Promise<string> => {
    const { plane } = parts;
    if (plane === undefined) throw new Error('no control plane');
    const args = command.split(' ').map((word) => (word.startsWith('dist/') ? join(ROOT, word) : word));
    const { code, stdout, stderr } = await runKubectl(plane.binaries.kubectl, args, { kubeconfig: plane.kubeconfig, input });
    if (code !== 0) throw new Error(`kubectl ${command}: ${stderr}`);
    return stdout;
  };
  return { kubectl };
}

/** The command of the page that holds all of these words, without `kubectl`. Throws if there is not exactly one. */
function command(...words: string[]): string {
  const lines = [...new Set(PAGE.split('\n').filter((line) => line.startsWith('kubectl ') && words.every((word) => line.includes(word))))];
  if (lines.length !== 1) throw new Error(`${lines.length} commands with ${words.join(' and ')}`);
  return lines[0]?.slice('kubectl '.length) ?? '';
}

/** Makes an MCPServer and its objects, as the operator would; their kinds, names and uids. */
async function makeServer(kubectl: (command: string, input?: string) => Promise<string>, namespace: string): Promise<string> {
  const name = 'weather';
  await kubectl('apply --server-side -f -', stringify({ apiVersion: API_VERSION, kind: KIND, metadata: { name, namespace }, spec: SPEC }));
  const server = JSON.parse(await kubectl(`get mcpserver ${name} -n ${namespace} -o json`)) as MCPServerObject;
  const children = render(mcpServer(SPEC, { name, namespace })).map((manifest) => JSON.stringify(withOwner(manifest, server)));
  await kubectl('apply --server-side --field-manager=mcp-operator -f -', children.join('\n---\n'));
  return serverObjects(kubectl, namespace);
}

function serverObjects(kubectl: (command: string) => Promise<string>, namespace: string): Promise<string> {
  const uids = '-o jsonpath={range.items[*]}{.kind}{"/"}{.metadata.name}{"/"}{.metadata.uid}{"/"}{.metadata.deletionTimestamp}{"\\n"}{end}';
  return kubectl(`get mcpservers,deployments,services,configmaps,serviceaccounts,poddisruptionbudgets -n ${namespace} --field-selector=metadata.name!=mcp-operator,metadata.name!=mcp-operator-metrics ${uids}`);
}

/** resourceVersions of everything the file holds but the Deployment's, whose status moves; that of its spec is the generation. */
async function versions(kubectl: (command: string) => Promise<string>, file: string): Promise<string[]> {
  const { items } = JSON.parse(await kubectl(`get -f ${file} -o json`)) as {
    items: { kind: string; metadata: { name: string; resourceVersion: string; generation?: number } }[];
  };
  return items.map(
    ({ kind, metadata: { name, resourceVersion, generation } }) =>
      `${kind} ${name} ${kind === 'Deployment' || kind === 'PodDisruptionBudget' ? generation : resourceVersion}`,
  );
}

describe('the installation for all namespaces', () => {
  const { kubectl } = useEmptyCluster();

  test('is applied by one command to an empty cluster, and a second time changes nothing', async () => {
    await kubectl(command('--server-side', 'dist/operator.k8s.yaml'));
    const first = await versions(kubectl, 'dist/operator.k8s.yaml');
    expect(first).toHaveLength(installed('operator').length);
    await kubectl(command('--server-side', 'dist/operator.k8s.yaml'));
    expect(await versions(kubectl, 'dist/operator.k8s.yaml')).toEqual(first);
  });

  test('starts two pods, which its namespace admits', async () => {
    await eventually(async () => expect(await kubectl('get pods -n mcp-operator-system -o name')).toMatch(/^(pod\/mcp-operator-\S+\n){2}$/));
    expect(await kubectl('get deployment mcp-operator -n mcp-operator-system -o jsonpath={.status.conditions}')).not.toContain('FailedCreate');
  });

  test('uninstalled, leaves MCPServers and what was rendered for them as they were', async () => {
    const before = await makeServer(kubectl, 'default');
    await kubectl(command('delete -f dist/operator.k8s.yaml'));
    expect(await serverObjects(kubectl, 'default')).toBe(before);
    expect(await kubectl('get clusterroles,clusterrolebindings,namespaces -o name')).not.toContain('mcp-operator');
    expect(await kubectl('get mcpserver weather -o jsonpath={.spec.image}')).toBe(SPEC.image);
  });

  test('with the CRD, MCPServers and all their objects go', async () => {
    // The garbage collector looks for new resources each 30 s, and cannot collect what belonged to one it never knew.
    await kubectl('apply --server-side -f -', stringify({ apiVersion: API_VERSION, kind: KIND, metadata: { name: 'known', namespace: 'default' }, spec: SPEC }));
    const { metadata: { uid } } = JSON.parse(await kubectl('get mcpserver known -o json')) as MCPServerObject;
    const ownerReferences = [{ apiVersion: API_VERSION, kind: KIND, name: 'known', uid }];
    await kubectl('apply --server-side -f -', stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'known', namespace: 'default', ownerReferences } }));
    await kubectl('delete mcpserver known');
    await eventually(async () => expect(await kubectl('get configmaps -n default -o name')).not.toContain('known'), { timeoutMs: 75_000 });
    await kubectl(command('delete -f dist/crd.k8s.yaml'));
    await eventually(async () => {
      expect(await kubectl('get deployments,services,poddisruptionbudgets -n default -o name')).toBe('service/kubernetes\n');
      expect(await kubectl('get configmaps,serviceaccounts -n default -o name')).not.toContain('weather');
    }, { timeoutMs: 90_000 });
  });
});

describe('the namespaced installation', () => {
  const { kubectl } = useEmptyCluster();

  test('is applied by one command to an empty cluster, a second time changes nothing, and it grants nothing beyond its namespace', async () => {
    const before = await kubectl('get clusterroles,clusterrolebindings -o name');
    const file = 'dist/operator-namespaced.k8s.yaml';
    await kubectl(command('--server-side', file));
    const first = await versions(kubectl, file);
    expect(first).toHaveLength(installed('operator-namespaced').length);
    await kubectl(command('--server-side', file));
    expect(await versions(kubectl, file)).toEqual(first);
    expect(await kubectl('get clusterroles,clusterrolebindings -o name')).toBe(before);
  });

  test('starts two pods, which its namespace admits', async () => {
    await eventually(async () => expect(await kubectl('get pods -n mcp-servers -o name')).toMatch(/^(pod\/mcp-operator-\S+\n){2}$/));
  });

  test('uninstalled by label, leaves the namespace and what else is in it', async () => {
    const before = await makeServer(kubectl, 'mcp-servers');
    await kubectl(command('-n mcp-servers delete deployment'));
    await kubectl(command('-n mcp-servers delete lease'));
    expect(await serverObjects(kubectl, 'mcp-servers')).toBe(before);
    const kinds = installed('operator-namespaced').map(({ kind }) => kind.toLowerCase()).filter((kind) => kind !== 'namespace');
    expect(await kubectl(`get ${[...new Set(kinds)].join(',')} -n mcp-servers -l app.kubernetes.io/name=mcp-operator -o name`)).toBe('');
  });
});

describe.each([
  ['apply --server-side', ''],
  ['apply', ' --force-conflicts'],
])('over an earlier installation made by kubectl %s', (apply, flag) => {
  const { kubectl } = useEmptyCluster();

  test('the new one is applied as it is: another strategy, the same Deployment, MCPServers untouched', async () => {
    await kubectl('apply --server-side -f dist/crd.k8s.yaml');
    await kubectl(`${apply} -f ${EARLIER}`);
    const read = (path: string): Promise<string> => kubectl(`get deployment mcp-operator -n mcp-operator-system -o jsonpath=${path}`);
    expect(await read('{.spec.strategy.type}')).toBe('Recreate');
    const uid = await read('{.metadata.uid}');
    const before = await makeServer(kubectl, 'default');
    await kubectl(`${command('--server-side', 'dist/operator.k8s.yaml')}${flag}`);
    expect(await read('{.metadata.uid}')).toBe(uid);
    expect(await read('{.spec.strategy}{.spec.replicas}')).toBe('{"rollingUpdate":{"maxSurge":1,"maxUnavailable":0},"type":"RollingUpdate"}2');
    expect(await serverObjects(kubectl, 'default')).toBe(before);
  });
});
