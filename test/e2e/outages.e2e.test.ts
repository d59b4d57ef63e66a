// What happens to a node and an operator in a year, within a minute: MCP servers serve throughout, and the operator comes back.
// The cases follow on each other, on one cluster; those that say so judge the calls made since the one before.
import type { V1Lease, V1Node } from '@kubernetes/client-node';
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

/** Pod of a process that led, by what its Lease named. */
function podOf(leader: string): string {
  return leader.split('_')[0] ?? '';
}

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
    await call();
  });
  afterAll(() => cluster?.stop());

  async function call(): Promise<void> {
    caller = await startCaller(user, 'served', 'http://steady.served.svc:8080/mcp');
  }

  async function noneFailed(): Promise<void> {
    const { calls, failures } = await caller.stop();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(100);
  }

  /** Process that leads now, as the Lease names it: a container that came back in the same pod is another. */
  async function leader(): Promise<string> {
    const { spec } = await user.get<V1Lease>('lease/mcp-operator', OPERATOR);
    return spec?.holderIdentity ?? '';
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

  /**
   * A kubelet that starts says for a moment that its node is not ready, whatever runs on it. Where the node lifecycle controller, which
   * looks every 5 s, sees that, it takes Ready from all pods of the node, and their Services have no endpoints until the kubelet puts it
   * back, at the next of its looks every 10 s. So the calls of that time are not judged.
   */
  async function isSteady(): Promise<void> {
    const { status } = await user.get<V1Node>('node/node-1', 'default');
    const ready = status?.conditions?.find(({ type }) => type === 'Ready');
    expect([ready?.status, Date.now() - Date.parse(String(ready?.lastTransitionTime)) > 17_000]).toEqual(['True', true]);
    await user.run(['-n', 'served', 'wait', 'pods', '-l', 'mcp.example.com/server=steady', '--for=condition=Ready', '--timeout=1s']);
  }

  test('a leader that crashes is followed by another process, whichever asks first when its time is over, and its container comes back', async () => {
    const crashed = await leader();
    const pod = podOf(crashed);
    await cluster.node.killContainer(await user.run(['-n', OPERATOR, 'get', 'pod', pod, '-o', 'jsonpath={.status.containerStatuses[0].containerID}']));
    await eventually(async () => expect([crashed, '']).not.toContain(await leader()), TAKE_OVER);
    await works('after-a-crash');
    await user.run(['-n', OPERATOR, 'wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=30s']);
  });

  test('a leader that is deleted hands over', async () => {
    const deleted = await leader();
    await user.run(['-n', OPERATOR, 'delete', 'pod', podOf(deleted), '--wait=false']);
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

  test('in all of this no call failed', noneFailed);

  test('kubelet and containerd are restarted under running containers', async () => {
    const before = await podsOf('served', 'mcp.example.com/server=steady');
    await cluster.node.restart();
    await works('after-a-restart-of-the-node');
    expect(await podsOf('served', 'mcp.example.com/server=steady')).toEqual(before);
    await eventually(isSteady, { timeoutMs: 60_000 });
  });

  test('the API server is restarted', async () => {
    await call();
    const before = await podsOf(OPERATOR, OPERATORS);
    await cluster.plane.restartApiServer();
    await works('after-a-restart-of-the-api-server');
    expect(await podsOf(OPERATOR, OPERATORS)).toEqual(before);
  });

  test('in that no call failed', noneFailed);

  test('a node that loses power comes back with all it ran', async () => {
    await cluster.rebootNode();
    await works('after-a-reboot');
    await user.ready('served', 'steady');
    const restarts = await user.run(['-n', 'served', 'get', 'pods', '-l', 'mcp.example.com/server=steady', '-o', 'jsonpath={.items[*].status.containerStatuses[0].restartCount}']);
    expect(restarts).toBe('1 1');
  });
});
