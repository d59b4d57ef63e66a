// The ClusterRole of dist/operator.k8s.yaml is enough, and none of its rules is idle.
// The last case judges the requests of all others.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { PODS, REPLICA_SETS, SECRETS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { eventually, kubectl } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
import { installed } from '../support/operator-manifests.ts';
import { accountKubeconfig, accountOf, compareWithUse, exercise, refusedRequests, toInput, watchRules } from './installed-account.ts';
import { useScene } from './scene.ts';

const INSTALLED = installed('operator');
const ACCOUNT = accountOf(INSTALLED);
const RULES = watchRules(INSTALLED);

const ROTATION = readFileSync(join(import.meta.dirname, '../../examples/secret-rotation/weather.yaml'), 'utf8');
const SECRET = 'weather-api-key';

const scene = useScene('permissions', { kubeconfig: (client) => accountKubeconfig(client, ACCOUNT) });

afterAll(async () => {
  await kubectl(['delete', '--wait=false', '-f', '-'], { input: toInput(ACCOUNT) });
});

test('with exactly the permissions of the installation the operator creates, repairs, changes, prunes and refuses', async () => {
  await exercise(scene);
  expect(await refusedRequests(scene)).toEqual([]);
});

async function templates(name: string): Promise<number> {
  const { items } = await scene.fleet.client.list(REPLICA_SETS, { namespace: scene.namespace, labelSelector: `mcp.example.com/server=${name}` });
  return items.length;
}

test('without permission on a Secret its server works, the status says what is not seen, and the operator asks ever more rarely', async () => {
  const { fleet } = scene;
  const data = { token: 'b25l' };
  await fleet.client.create(SECRETS, { metadata: fleet.ref('unseen'), data } as KubernetesObject);
  await fleet.create('blind', { envFrom: [{ secretRef: { name: 'unseen' } }] });
  const server = await fleet.ready('blind');
  expect(conditionOf(server, 'ConfigurationValid')?.message).toContain('does not see changes of Secret unseen');
  await fleet.edit('blind', { port: 9090 });
  await fleet.ready('blind');
  await sleep(8000);
  const refused = await refusedRequests(scene);
  expect(new Set(refused.map(({ verb, requestURI }) => `${verb} ${requestURI.replace(/&.*/, '')}`))).toEqual(
    new Set([`watch /api/v1/namespaces/${scene.namespace}/secrets?fieldSelector=metadata.name%3Dunseen`]),
  );
  // Pauses of half a second, one, two, four … at the very least.
  expect(refused.length).toBeLessThan(7);
  expect(scene.operator.errors).toEqual([]);
  await fleet.remove('blind');
});

test('a missing Secret the operator may not look at is read from the status of the pods', async () => {
  const { fleet, namespace } = scene;
  scene.pods.paused = true;
  await fleet.create('told', { env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'unheard', key: 'a' } } }] });
  const pod = await eventually(async () => {
    const { items } = await fleet.client.list(PODS, { namespace, labelSelector: 'mcp.example.com/server=told' });
    if (items[0] === undefined) throw new Error('no pod yet');
    return items[0];
  });
  const waiting = { reason: 'CreateContainerConfigError', message: 'secret "unheard" not found' };
  const containerStatuses = [{ name: 'mcp-server', image: 'a', imageID: 'a', ready: false, restartCount: 0, state: { waiting } }];
  await fleet.client.patch(PODS, pod.metadata, { status: { phase: 'Pending', containerStatuses } }, { subresource: 'status' });
  const server = await fleet.until('told', 'ConfigurationValid', ['False', 'SecretNotFound']);
  expect(conditionOf(server, 'Ready')).toMatchObject({ status: 'False', reason: 'SecretNotFound', message: expect.stringContaining('Secret unheard (spec.env[0])') });
  expect(conditionOf(server, 'Reconciling')?.reason).toBe('SecretNotFound');
  scene.pods.paused = false;
  await fleet.remove('told');
});

test('the Role of the example is all it takes to have a rotated Secret restart its server', async () => {
  const { fleet, namespace } = scene;
  const input = ROTATION.replaceAll('namespace: default', `namespace: ${namespace}`);
  expect(await kubectl(['apply', '-f', '-'], { input })).toMatchObject({ code: 0 });
  // The Role may come late: it is found at one of the next attempts.
  await fleet.until('weather', 'Ready', ['False', 'SecretNotFound']);
  await fleet.client.create(SECRETS, { metadata: fleet.ref(SECRET), data: { token: 'b25l' } } as KubernetesObject, { fieldManager: 'rotation' });
  await fleet.ready('weather');
  expect(await templates('weather')).toBe(1);
  await sleep(1100);
  await fleet.client.patch(SECRETS, fleet.ref(SECRET), { data: { token: 'dHdv' } }, { fieldManager: 'rotation' });
  await eventually(async () => expect(await templates('weather')).toBe(2));
  await fleet.ready('weather');
  await sleep(4000);
  expect(await templates('weather')).toBe(2);
});

test('it needed nothing beyond the rules of the installation, and no rule is idle', async () => {
  // Secrets are granted one by one, by whoever wants them watched.
  expect(await compareWithUse(RULES, scene)).toEqual({ beyond: ['watch secrets'], idle: [] });
});
