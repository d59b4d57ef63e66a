// Rolling updates under clients that keep calling: nobody notices.
import { beforeAll, expect, test } from 'vitest';
import { eventually, useNamespace } from '../support/cluster.ts';
import { startCaller, type Caller } from './support/calls.ts';
import { describeOnNode, User } from './support/e2e.ts';
import { SERVER_IMAGE, UPDATED_SERVER_IMAGE } from './support/images.ts';

const user = new User();

describeOnNode('a stateless server with two replicas', () => {
  const namespace = useNamespace('updates', { 'pod-security.kubernetes.io/enforce': 'restricted' });
  let caller: Caller;

  async function edit(spec: object): Promise<void> {
    await user.run(['-n', namespace, 'patch', 'mcps/served', '--type=merge', '-p', JSON.stringify({ spec })]);
    await user.ready(namespace, 'served');
    // The pods of before end only now, after their drain: that is when calls would fail.
    const old = (await user.pods(namespace, 'served'))
      .filter(({ metadata }) => metadata?.deletionTimestamp !== undefined)
      .map(({ metadata }) => `pod/${metadata?.name}`);
    if (old.length > 0) await user.run(['-n', namespace, 'wait', '--for=delete', '--timeout=60s', ...old], { timeoutMs: 70_000 });
  }

  beforeAll(async () => {
    await user.server(namespace, 'served', { image: SERVER_IMAGE, replicas: 2, config: { LOG_LEVEL: 'warn' } });
    await user.ready(namespace, 'served');
    caller = await startCaller(user, namespace, `http://served.${namespace}.svc:8080/mcp`);
  });

  test('is updated in image, config and env without a failed call', async () => {
    await eventually(async () => expect(await caller.count()).toBeGreaterThan(10));
    await edit({ image: UPDATED_SERVER_IMAGE });
    await edit({ config: { LOG_LEVEL: 'error' } });
    await edit({ env: [{ name: 'ANOTHER', value: 'value' }] });
    const before = await caller.count();
    await eventually(async () => expect(await caller.count()).toBeGreaterThan(before));
    const { calls, failures } = await caller.stop();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(100);
  });
});
