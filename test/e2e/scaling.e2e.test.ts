// Everything that may decide how many pods there are, with pods that really come and go.
import { beforeAll, expect, test } from 'vitest';
import type { MCPServerObject } from '../../reconciler/kinds.ts';
import { eventually, useNamespace } from '../support/cluster.ts';
import { SERVER_IMAGE } from './support/images.ts';
import { describeOnNode, User } from './support/e2e.ts';

const user = new User();
const LONG = { timeoutMs: 60_000 };

/** What is counted once status and cluster agree on a number of pods. */
function all(pods: number): object {
  return { replicas: pods, readyReplicas: pods, pods, observed: true };
}

describeOnNode('the number of pods', () => {
  const namespace = useNamespace('scaling', { 'pod-security.kubernetes.io/enforce': 'restricted' });

  async function counted(name: string): Promise<object> {
    const { status, metadata } = await user.get<MCPServerObject>(`mcps/${name}`, namespace);
    const pods = (await user.pods(namespace, name)).length;
    return {
      replicas: status?.replicas,
      readyReplicas: status?.readyReplicas,
      pods,
      observed: status?.observedGeneration === metadata.generation,
    };
  }

  beforeAll(async () => {
    await user.server(namespace, 'scaled', { image: SERVER_IMAGE });
    await user.server(namespace, 'automatic', {
      image: SERVER_IMAGE,
      autoscaling: { minReplicas: 2, maxReplicas: 3, targetCPUUtilizationPercentage: 80 },
    });
    await user.server(namespace, 'external', { image: SERVER_IMAGE, scaling: 'External' });
    await user.ready(namespace, 'scaled', 'automatic', 'external');
  });

  test('follows kubectl scale of the MCPServer, up, to zero and back', async () => {
    const scale = (replicas: number): Promise<string> => user.run(['-n', namespace, 'scale', 'mcps/scaled', `--replicas=${replicas}`]);
    await scale(3);
    await eventually(async () => expect(await counted('scaled')).toEqual(all(3)), LONG);
    await user.ready(namespace, 'scaled');
    await scale(0);
    await user.reason([namespace, 'scaled'], ['True', 'ScaledToZero']);
    await eventually(async () => expect(await user.pods(namespace, 'scaled')).toEqual([]), { timeoutMs: 30_000 });
    expect((await user.get<MCPServerObject>('mcps/scaled', namespace)).status?.endpoint).toBeUndefined();
    await scale(1);
    await eventually(async () => expect(await counted('scaled')).toEqual(all(1)), LONG);
    await user.reason([namespace, 'scaled'], ['True', 'Verified']);
  });

  test('is at least the minimum of autoscaling, and follows a higher one', async () => {
    await eventually(async () => expect(await counted('automatic')).toEqual(all(2)), LONG);
    await user.run(['-n', namespace, 'patch', 'mcps/automatic', '--type=merge', '-p', '{"spec":{"autoscaling":{"minReplicas":3}}}']);
    await eventually(async () => expect(await counted('automatic')).toEqual(all(3)), LONG);
  });

  test('is left to whoever scales the Deployment under scaling: External, also when the spec changes', async () => {
    await user.run(['-n', namespace, 'scale', 'deployment/external', '--replicas=2']);
    await eventually(async () => expect(await counted('external')).toEqual(all(2)), LONG);
    await user.run(['-n', namespace, 'patch', 'mcps/external', '--type=merge', '-p', '{"spec":{"env":[{"name":"A","value":"1"}]}}']);
    await user.ready(namespace, 'external');
    await eventually(async () => expect(await counted('external')).toEqual(all(2)), LONG);
  });
});
