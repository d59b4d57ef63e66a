import { expect, onTestFinished, test } from 'vitest';
import { CONFIG_MAPS, DEPLOYMENTS, SERVICE_ACCOUNTS, SERVICES, type KubernetesObject, type ResourceType } from '../../../kubernetes/objects.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { useScene } from '../scene.ts';

const WEBHOOKS: ResourceType = { group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations', namespaced: false };
const scene = useScene('refusals');

function deaf(name: string): KubernetesObject & { readonly webhooks: readonly object[] } {
  const webhook = {
    name: 'deaf.example.com',
    clientConfig: { url: 'https://127.0.0.1:1/' },
    rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['deployments'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': scene.namespace } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    timeoutSeconds: 1,
  };
  return { metadata: { name }, webhooks: [webhook] };
}

test('a webhook that does not answer is named in the status, and the MCPServer heals when it is gone', async () => {
  const { fleet } = scene;
  const { client } = fleet;
  const name = scene.namespace;
  await client.create(WEBHOOKS, deaf(name));
  onTestFinished(() => client.delete(WEBHOOKS, { name }).catch(() => undefined));
  const pods = { app: 'probe' };
  const spec = {
    selector: { matchLabels: pods },
    template: { metadata: { labels: pods }, spec: { containers: [{ name: 'c', image: 'example.com/c:1' }] } },
  };
  const probe: KubernetesObject & { readonly spec: object } = { metadata: { name: 'probe', namespace: name }, spec };
  await eventually(() => expect(client.create(DEPLOYMENTS, probe, { dryRun: true })).rejects.toMatchObject({ kind: 'Server' }));

  await fleet.create('held');
  const server = await fleet.until('held', 'Ready', ['False', 'Retrying']);
  expect(conditionOf(server, 'Ready')?.message).toContain('failed calling webhook "deaf.example.com"');
  expect(conditionOf(server, 'Reconciling')).toMatchObject({ status: 'True', reason: 'Retrying' });
  expect(conditionOf(server, 'Stalled')).toBeUndefined();
  await client.delete(WEBHOOKS, { name });
  await fleet.ready('held');
});

test('a spec that only the API server finds wrong goes live in no part, and not at all until it is mended', async () => {
  const { fleet } = scene;
  const live = async (): Promise<unknown[]> => {
    const [config, service] = await Promise.all([
      fleet.find<KubernetesObject & { data: object }>(CONFIG_MAPS, 'half-config'),
      fleet.find<KubernetesObject & { spec: { ports: { port: number }[] } }>(SERVICES, 'half'),
    ]);
    return [config?.data, service?.spec.ports[0]?.port];
  };
  await fleet.create('half', { config: { a: 'old' } });
  await fleet.ready('half');
  const before = await live();
  await fleet.edit('half', { config: { a: 'new' }, service: { port: 81 }, tolerations: [{}] });
  await fleet.until('half', 'Stalled', ['True', 'InvalidSpec']);
  expect(await live()).toEqual(before);
  await fleet.edit('half', { tolerations: null });
  await fleet.ready('half');
  expect(await live()).toMatchObject([{ a: 'new' }, 81]);
});

test('the own ServiceAccount stays when the spec names it', async () => {
  const { fleet } = scene;
  await fleet.create('named');
  await fleet.ready('named');
  const uid = (await fleet.find(SERVICE_ACCOUNTS, 'named'))?.metadata.uid;
  await fleet.edit('named', { serviceAccount: 'named' });
  await fleet.ready('named');
  expect((await fleet.find(SERVICE_ACCOUNTS, 'named'))?.metadata.uid).toBe(uid);
});
