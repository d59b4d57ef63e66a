// No half of a spec goes live: whichever of several children is refused, or has a name that is taken, what runs stays as it was before.
import { describe, expect, test } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import {
  CONFIG_MAPS, DEPLOYMENTS, HORIZONTAL_POD_AUTOSCALERS, NETWORK_POLICIES, POD_DISRUPTION_BUDGETS, SERVICES,
  type KubernetesObject, type ResourceType,
} from '../../../kubernetes/objects.ts';
import { policy } from '../../support/admission.ts';
import { eventually } from '../../support/cluster.ts';
import { conditionOf } from '../../support/kstatus.ts';
import { requestsAbout } from '../../support/operator.ts';
import { useScene } from '../scene.ts';

const scene = useScene('half-specs');
const BEFORE: Partial<MCPServerSpec> = { config: { a: 'old' } };

interface Content extends KubernetesObject {
  readonly data?: object;
  readonly spec?: { readonly clusterIP?: string; readonly clusterIPs?: string[] };
}

/** What all children hold that some pod, client or controller goes by; a disruption budget holds back nothing of a spec. */
async function running(name: string): Promise<unknown> {
  const children = (await scene.fleet.children(name)) as Content[];
  return children
    .filter(({ kind }) => kind !== POD_DISRUPTION_BUDGETS.kind)
    .map(({ kind, metadata, data, spec }) => ({ kind, name: metadata.name, data, spec }))
    .toSorted((a, b) => `${a.kind} ${a.name}`.localeCompare(`${b.kind} ${b.name}`));
}

interface Case {
  readonly what: string;
  readonly edit: { [Field in keyof MCPServerSpec]?: MCPServerSpec[Field] | null | object };
  readonly type: ResourceType;
  readonly operation: 'CREATE' | 'UPDATE';
}

const IMAGE = 'example.com/server:2';
const MINE = { mine: 'yes' };
const TARGET = { kind: 'Deployment', name: 'mine', apiVersion: 'apps/v1' };
const SCALED = { autoscaling: { minReplicas: 1, maxReplicas: 2, targetCPUUtilizationPercentage: 80 } };

describe.concurrent('where one of its children is refused, what runs stays as it was', () => {
  const cases: readonly Case[] = [
    { what: 'a configuration, at the Deployment', edit: { config: { a: 'new' } }, type: DEPLOYMENTS, operation: 'UPDATE' },
    { what: 'a configuration, at the ConfigMap', edit: { config: { a: 'new' } }, type: CONFIG_MAPS, operation: 'UPDATE' },
    { what: 'the loss of a configuration, at the Deployment', edit: { config: null }, type: DEPLOYMENTS, operation: 'UPDATE' },
    { what: 'image and port, at the Service', edit: { image: IMAGE, service: { port: 81 } }, type: SERVICES, operation: 'UPDATE' },
    { what: 'image and port, at the Deployment', edit: { image: IMAGE, service: { port: 81 } }, type: DEPLOYMENTS, operation: 'UPDATE' },
    { what: 'everything at once, at the Service', edit: { image: IMAGE, port: 9090, config: { a: 'new' }, service: { port: 81 } }, type: SERVICES, operation: 'UPDATE' },
    { what: 'another replica, at the budget', edit: { replicas: 2 }, type: POD_DISRUPTION_BUDGETS, operation: 'CREATE' },
    { what: 'another replica, at the Deployment', edit: { replicas: 2 }, type: DEPLOYMENTS, operation: 'UPDATE' },
    { what: 'an autoscaler, at itself', edit: SCALED, type: HORIZONTAL_POD_AUTOSCALERS, operation: 'CREATE' },
    { what: 'an autoscaler and an image, at the Deployment', edit: { ...SCALED, image: IMAGE }, type: DEPLOYMENTS, operation: 'UPDATE' },
    { what: 'a network policy and an image, at the Deployment', edit: { networkPolicy: { ingressFrom: [{ podSelector: {} }] }, image: IMAGE }, type: DEPLOYMENTS, operation: 'UPDATE' },
    { what: 'a network policy and an image, at the policy', edit: { networkPolicy: { ingressFrom: [{ podSelector: {} }] }, image: IMAGE }, type: NETWORK_POLICIES, operation: 'CREATE' },
  ];
  test.for(cases.map((each, index) => ({ ...each, name: `refused-${index}` })))('$what', async ({ name, edit, type, operation }) => {
    const { fleet, namespace } = scene;
    await fleet.create(name, BEFORE);
    await fleet.ready(name);
    const before = await running(name);
    const target = { namespace, servers: [name], apiGroup: type.group, resource: type.plural, operations: [operation] };
    const refuser = await policy(fleet.client, target);
    try {
      await fleet.edit(name, edit);
      const server = await fleet.until(name, 'Stalled', ['True', 'PolicyRefused']);
      expect(conditionOf(server, 'Ready')?.message).toContain(refuser.name);
      expect(conditionOf(server, 'Available')?.status).toBe('True');
      expect(await running(name)).toEqual(before);
    } finally {
      await refuser.remove();
    }
    await fleet.ready(name);
    expect(await running(name)).not.toEqual(before);
  });
});

describe.concurrent('where a name is taken, what runs stays as it was, and the status names it', () => {
  test.for<[what: string, type: ResourceType, taken: string, edit: Case['edit'], content: object]>([
    ['ConfigMap', CONFIG_MAPS, 'own-config', { config: { a: 'new' }, image: IMAGE }, { data: { mine: '1' } }],
    ['PodDisruptionBudget', POD_DISRUPTION_BUDGETS, 'budget', { replicas: 2, image: IMAGE }, { spec: { maxUnavailable: 1, selector: { matchLabels: MINE } } }],
    ['HorizontalPodAutoscaler', HORIZONTAL_POD_AUTOSCALERS, 'scaler', { ...SCALED, image: IMAGE }, { spec: { maxReplicas: 2, scaleTargetRef: TARGET } }],
  ])('%s', async ([, type, taken, edit, content]) => {
    const { fleet } = scene;
    const name = taken.replace('-config', '');
    await fleet.create(name);
    await fleet.ready(name);
    const before = await running(name);
    await fleet.client.create(type, { metadata: fleet.ref(taken), ...content });
    await fleet.edit(name, edit);
    const server = await fleet.until(name, 'Stalled', ['True', 'NameConflict']);
    expect(conditionOf(server, 'Ready')?.message).toContain(`left alone: ${type.kind} ${taken} (no owner named on it)`);
    expect(await running(name)).toEqual(before);
    await fleet.client.delete(type, fleet.ref(taken));
    await fleet.ready(name);
    expect(await running(name)).not.toEqual(before);
  });
});

test('of a new MCPServer nothing runs where one child is refused, what was created stays and is not written again', async () => {
  const { fleet, namespace } = scene;
  const refuser = await policy(fleet.client, { namespace, servers: ['new'], apiGroup: '', resource: 'services', operations: ['CREATE'] });
  try {
    await fleet.create('new', { networkPolicy: { ingressFrom: [{ podSelector: {} }] } });
    await fleet.until('new', 'Stalled', ['True', 'PolicyRefused']);
    const created = await fleet.children('new');
    expect(created.map(({ kind }) => kind)).toEqual(['ServiceAccount', 'NetworkPolicy']);
    for (const { metadata } of created) expect(metadata.ownerReferences).toMatchObject([{ kind: 'MCPServer', name: 'new' }]);
    // Two tries more.
    await eventually(async () => expect(await sent('services', 'new')).toBeGreaterThanOrEqual(3), { timeoutMs: 60_000 });
    expect(await fleet.children('new')).toEqual(created);
    expect(await sent('serviceaccounts', 'new')).toBe(1);
  } finally {
    await refuser.remove();
  }
  await fleet.ready('new');
});

async function sent(resource: string, name: string): Promise<number> {
  const requests = await requestsAbout(name, scene.operator.userAgent);
  return requests.filter(({ objectRef }) => objectRef?.resource === resource).length;
}
