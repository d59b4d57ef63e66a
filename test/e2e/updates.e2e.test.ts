// Rolling updates under clients that keep calling: nobody notices.
import { beforeAll, expect, test } from 'vitest';
import { eventually, useNamespace } from '../support/cluster.ts';
import { CLIENT_IMAGE, SERVER_IMAGE, UPDATED_SERVER_IMAGE } from './support/images.ts';
import { describeOnNode, restrictedPod, User } from './support/e2e.ts';

const user = new User();
const CALLER = 'caller';

describeOnNode('a stateless server with two replicas', () => {
  const namespace = useNamespace('updates', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  async function edit(spec: object): Promise<void> {
    await user.run(['-n', namespace, 'patch', 'mcps/served', '--type=merge', '-p', JSON.stringify({ spec })]);
    await user.ready(namespace, 'served');
    // The pods of before end only now, after their drain: that is when calls would fail.
    const old = (await user.pods(namespace, 'served')).filter(({ metadata }) => metadata?.deletionTimestamp !== undefined).map(({ metadata }) => `pod/${metadata?.name}`);
    if (old.length > 0) await user.run(['-n', namespace, 'wait', '--for=delete', '--timeout=60s', ...old], { timeoutMs: 70_000 });
  }

  async function report(): Promise<{ calls: number; failures: unknown }> {
    const last = await user.run(['-n', namespace, 'logs', CALLER, '--tail=1']);
    return JSON.parse(last) as { calls: number; failures: unknown };
  }

  beforeAll(async () => {
    await user.server(namespace, 'served', { image: SERVER_IMAGE, replicas: 2, config: { LOG_LEVEL: 'warn' } });
    await user.ready(namespace, 'served');
    await user.apply(restrictedPod(namespace, CALLER, { image: CLIENT_IMAGE, args: ['keep', `http://served.${namespace}.svc:8080/mcp`] }));
    await user.run(['-n', namespace, 'wait', `pod/${CALLER}`, '--for=condition=Ready', '--timeout=30s']);
  });

  test('is updated in image, config and env without a failed call', async () => {
    await eventually(async () => expect((await report()).calls).toBeGreaterThan(10));
    await edit({ image: UPDATED_SERVER_IMAGE });
    await edit({ config: { LOG_LEVEL: 'error' } });
    await edit({ env: [{ name: 'ANOTHER', value: 'value' }] });
    const before = (await report()).calls;
    await eventually(async () => expect((await report()).calls).toBeGreaterThan(before), { timeoutMs: 10_000 });
    await user.run(['-n', namespace, 'exec', CALLER, '--', '/nodejs/bin/node', '-e', 'process.kill(1, "SIGTERM")']);
    await user.run(['-n', namespace, 'wait', `pod/${CALLER}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s']);
    const { calls, failures } = await report();
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(100);
  });
});
