// From an empty cluster on: what works without the operator, with one outside, with the namespaced one, and after uninstalling it.
// The cases follow on each other, on one cluster.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { UNOBSERVED_STATUS } from '../../charts/api/status.ts';
import type { MCPServerObject } from '../../reconciler/kinds.ts';
import { eventually } from '../support/cluster.ts';
import { startOperatorProcess } from '../support/operator.ts';
import { describeOnNode, mcpClient, MODEST, User } from './support/e2e.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { install, startRealCluster, type RealCluster } from './support/real-cluster.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The commands of docs/installation.md that uninstall the namespaced operator. */
const UNINSTALL = [...readFileSync(join(ROOT, 'docs/installation.md'), 'utf8').matchAll(/^kubectl (-n mcp-servers delete .+)$/gm)].map(([, args]) => (args ?? '').split(' '));

describeOnNode('on an empty cluster', () => {
  let cluster: RealCluster;
  let user: User;

  beforeAll(async () => {
    cluster = await startRealCluster(inject('images'));
    user = new User(cluster.access);
  });
  afterAll(() => cluster?.stop());

  async function tools(namespace: string, name: string, port: number): Promise<string[]> {
    const client = await mcpClient(`${await user.portForward(namespace, `service/${name}`, port)}/mcp`);
    return (await client.listTools()).tools.map((tool) => tool.name);
  }

  async function uids(namespace: string, name: string): Promise<Set<string | undefined>> {
    return new Set((await user.pods(namespace, name)).map(({ metadata }) => metadata?.uid));
  }

  test('what cdk8s synth wrote is a working server by itself, without operator and resource', async () => {
    await user.run(['apply', '-f', join(ROOT, 'dist/basic-mcpserver.k8s.yaml')]);
    await user.run(['rollout', 'status', 'deployment/basic-mcpserver', '--timeout=30s']);
    expect(await tools('default', 'basic-mcpserver', 3001)).toContain('create-pod');
    await user.run(['delete', '-f', join(ROOT, 'dist/basic-mcpserver.k8s.yaml')]);
  });

  test('an operator outside the cluster verifies pods through the API server', async () => {
    await user.run(['apply', '--server-side', '-f', join(ROOT, 'dist/crd.k8s.yaml')]);
    await user.run(['wait', '--for=jsonpath={.status.acceptedNames.kind}=MCPServer', 'crd/mcpservers.mcp.example.com', '--timeout=30s']);
    await user.run(['create', 'namespace', 'outside']);
    const outside = await startOperatorProcess(cluster.plane.kubeconfig, ['--namespace', 'outside']);
    try {
      await user.server('outside', 'seen', { image: SERVER_IMAGE });
      await user.reason(['outside', 'seen'], ['True', 'Verified']);
      expect(await user.run(['-n', 'outside', 'get', 'mcps/seen', '-o', 'jsonpath={.status.server.name}'])).toBe('kubernetes-mcp-server');
    } finally {
      await outside.stop();
    }
    await user.run(['delete', 'namespace', 'outside', '--wait=false']);
  });

  test('the namespaced operator needs no cluster-wide right, serves its namespace, and leaves others alone', async () => {
    await install(cluster, 'operator-namespaced');
    expect(await user.run(['get', 'clusterroles,clusterrolebindings', '-o', 'name'])).not.toContain('mcp-operator');
    await user.server('mcp-servers', 'mine', { image: SERVER_IMAGE, config: { A: '1' } });
    await user.server('default', 'not-mine', { image: SERVER_IMAGE });
    await user.ready('mcp-servers', 'mine');
    expect(await tools('mcp-servers', 'mine', 8080)).toContain('create-pod');
    expect((await user.get<MCPServerObject>('mcps/not-mine', 'default')).status).toEqual(UNOBSERVED_STATUS);
    await user.run(['delete', 'mcps/not-mine']);
  });

  test('uninstalling it, by the commands of its documentation, leaves the servers serving, and another installation takes them over untouched', async () => {
    const before = await uids('mcp-servers', 'mine');
    expect(UNINSTALL).toHaveLength(2);
    for (const args of UNINSTALL) await user.run(args);
    await eventually(async () => expect(await user.run(['-n', 'mcp-servers', 'get', 'pods', '-l', 'app.kubernetes.io/name=mcp-operator', '-o', 'name'])).toBe(''), { timeoutMs: 40_000 });
    expect(await tools('mcp-servers', 'mine', 8080)).toContain('create-pod');
    await install(cluster);
    await user.server('mcp-servers', 'later', { image: SERVER_IMAGE, resources: MODEST });
    await user.ready('mcp-servers', 'mine', 'later');
    expect(await uids('mcp-servers', 'mine')).toEqual(before);
  });
});
