// On the real API server: a pod that waits is told with the words of its events, which are read once; by a user who may not read them without.
import { expect, test } from 'vitest';
import { PODS, POD_EVENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../../reconciler/kinds.ts';
import { auditEvents, eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { useScene } from '../scene.ts';

const MESSAGE = 'MountVolume.SetUp failed for volume "keys" : secret "keys" not found';
const scene = useScene('waiting-pods', {
  fateOf: ({ spec: { containers: [{ name, image } = { name: '', image: '' }] } }) => (image === 'example.com/waiting:1' ? {
    placed: true,
    status: {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: new Date(Date.now() - 17_000).toISOString() }],
      containerStatuses: [{ name, image, imageID: '', restartCount: 0, ready: false, started: false, state: { waiting: { reason: 'ContainerCreating' } } }],
    },
  } : undefined),
});

async function podOf(name: string): Promise<KubernetesObject> {
  return eventually(async () => {
    const { items } = await scene.fleet.client.list<KubernetesObject>(PODS, { namespace: scene.namespace, labelSelector: `mcp.example.com/server=${name}` });
    const [pod] = items;
    if (pod === undefined) throw new Error('no pod yet');
    return pod;
  });
}

test('a pod that waits is told when it has waited for long, though nothing changes, in the words of its events', async () => {
  const { fleet, namespace } = scene;
  await fleet.create('slow', { image: 'example.com/waiting:1' });
  const { metadata: { name, uid } } = await podOf('slow');
  const involvedObject = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid };
  await fleet.client.create(POD_EVENTS, {
    apiVersion: 'v1', kind: 'Event', metadata: { name: `${name}.1`, namespace }, involvedObject,
    type: 'Warning', reason: 'FailedMount', message: MESSAGE, source: { component: 'kubelet' },
  } as KubernetesObject);
  expect(conditionOf(await fleet.read('slow'), 'Ready')?.reason ?? 'Progressing').toBe('Progressing');
  await fleet.until('slow', 'Ready', ['False', 'ContainerWaiting']);
  const { message = '' } = conditionOf(await fleet.read('slow'), 'Ready') ?? {};
  expect(message).toContain(`Its events say: FailedMount: ${MESSAGE}.`);
  expect(message).toContain(`kubectl -n ${namespace} describe pod ${name}`);
});

test('its events are read once, however often the MCPServer is looked at', async () => {
  const { fleet, operator } = scene;
  for (const round of ['1', '2', '3']) await fleet.client.patch(MCP_SERVERS, fleet.ref('slow'), { metadata: { annotations: { round } } });
  await fleet.create('marker');
  await fleet.ready('marker');
  const reads = await auditEvents(({ userAgent, requestURI }) => userAgent === operator.userAgent && requestURI.includes('/events?'));
  expect(reads.map(({ verb }) => verb)).toEqual(['list']);
});
