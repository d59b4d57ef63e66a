// What happens to a node and an operator in a year, within a minute: MCP servers serve throughout, and the operator comes back.
// The cases follow on each other, on one cluster; one of the last judges the calls made during all before it.
import type { V1Lease } from '@kubernetes/client-node';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { eventually } from '../support/cluster.ts';
import { startCaller, type Caller } from './support/calls.ts';
import { describeOnNode, User } from './support/e2e.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { install, startRealCluster, type RealCluster } from './support/real-cluster.ts';

const OPERATOR = 'mcp-operator-system';
const OPERATORS = 'app.kubernetes.io/name=mcp-operator';
/** A crashed leader's Lease runs out after 15 s; the others ask every two. */
const TAKE_OVER = { timeoutMs: 45_000 };

describeOnNode('while clients keep calling', () => {
  let cluster: RealCluster;
  let user: User;
  let caller: Caller;

  beforeAll(async () => {
    cluster = await startRealCluster(inject('images'));
    user = new User(cluster.access);
    await install(cluster);
    await user.run(['create', 'namespace', 'served']);
    await user.server('served', 'steady', { image: SERVER_IMAGE, replicas: 2 });
    await user.ready('served', 'steady');
    caller = await startCaller(user, 'served', 'http://steady.served.svc:8080/mcp');
  });
  afterAll(() => cluster?.stop());

  /** Pod that leads now. */
  async function leader(): Promise<string> {
    const { spec } = await user.get<V1Lease>('lease/mcp-operator', OPERATOR);
    return (spec?.holderIdentity ?? '').split('_')[0] ?? '';
  }

  /** Makes an MCPServer that only a working operator makes Ready. */
  async function works(name: string): Promise<void> {
    await user.server('served', name, { image: SERVER_IMAGE });
    await user.ready('served', name);
    await user.run(['-n', 'served', 'delete', `mcps/${name}`, '--wait=false']);
  }

  function evict(namespace: string, pod: string): Promise<{ code: number; stderr: string }> {
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name: pod } };
    return user.kubectl(['create', '--raw', `/api/v1/namespaces/${namespace}/pods/${pod}/eviction`, '-f', '-'], { input: JSON.stringify(eviction) });
  }

  async function podsOf(namespace: string, selector: string): Promise<string[]> {
    const text = await user.run(['-n', namespace, 'get', 'pods', '-l', selector, '--field-selector=status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}']);
    return text.split(' ').filter((name) => name !== '');
  }

  test('a leader that crashes is followed by the other pod, and its container comes back', async () => {
    const crashed = await leader();
    await cluster.node.killContainer(await user.run(['-n', OPERATOR, 'get', 'pod', crashed, '-o', 'jsonpath={.status.containerStatuses[0].containerID}']));
    await eventually(async () => expect([crashed, '']).not.toContain(await leader()), TAKE_OVER);
    await works('after-a-crash');
    await user.run(['-n', OPERATOR, 'wait', `pod/${crashed}`, '--for=condition=Ready', '--timeout=30s']);
  });

  test('a leader that is deleted hands over', async () => {
    const deleted = await leader();
    await user.run(['-n', OPERATOR, 'delete', 'pod', deleted, '--wait=false']);
    await eventually(async () => expect([deleted, '']).not.toContain(await leader()), TAKE_OVER);
    await works('after-a-deletion');
  });

  test.each([[OPERATOR, OPERATORS], ['served', 'mcp.example.com/server=steady']])('of two pods in %s one may be evicted, the other only when there is a new one', async (namespace, selector) => {
    await user.run(['-n', namespace, 'wait', 'pods', '-l', selector, '--for=condition=Ready', '--timeout=30s']);
    const [first = '', second = ''] = await podsOf(namespace, selector);
    expect(await evict(namespace, first)).toMatchObject({ code: 0 });
    expect(await evict(namespace, second)).toMatchObject({ code: 1, stderr: expect.stringContaining("violate the pod's disruption budget") });
    await eventually(async () => expect(await evict(namespace, second)).toMatchObject({ code: 0 }), { timeoutMs: 60_000 });
    await eventually(async () => {
      const pods = await podsOf(namespace, selector);
      expect(pods).toHaveLength(2);
      expect(pods).not.toContain(second);
    }, { timeoutMs: 60_000 });
  });

  test('kubelet and containerd are restarted under running containers', async () => {
    const before = await podsOf('served', 'mcp.example.com/server=steady');
    await cluster.node.restart();
    await works('after-a-restart-of-the-node');
    expect(await podsOf('served', 'mcp.example.com/server=steady')).toEqual(before);
  });

  test('the API server is restarted', async () => {
    const before = await podsOf(OPERATOR, OPERATORS);
    await cluster.plane.restartApiServer();
    await works('after-a-restart-of-the-api-server');
    expect(await podsOf(OPERATOR, OPERATORS)).toEqual(before);
  });

  test('in all of this no call failed', async () => {
    const { calls, failures } = await caller.stop();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(100);
  });

  test('a node that loses power comes back with all it ran', async () => {
    await cluster.rebootNode();
    await works('after-a-reboot');
    await user.ready('served', 'steady');
    const restarts = await user.run(['-n', 'served', 'get', 'pods', '-l', 'mcp.example.com/server=steady', '-o', 'jsonpath={.items[*].status.containerStatuses[0].restartCount}']);
    expect(restarts).toBe('1 1');
  });
});
