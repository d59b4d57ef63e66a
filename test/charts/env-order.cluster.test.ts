// The order in which a live Deployment keeps variables, once an overriding one takes its own place.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { render } from '../../charts/render.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { connect, useNamespace } from '../support/cluster.ts';
import { mcpServer, MINIMAL, rendered, type Deployment, type EnvVar } from '../support/rendered.ts';

let client: KubernetesClient;
beforeAll(async () => {
  client = await connect();
});
afterAll(() => client.close());
const variables = ({ spec }: Deployment): EnvVar[] => spec.template.spec.containers[0].env;
const namespace = useNamespace('env-order');

it('follows what is applied, so that the kubelet resolves the reference in pods that were there before, too', async () => {
  const env = [{ name: 'TENANT', value: 'blue' }, { name: 'BASE', value: '$(TENANT)-x' }];
  const { deployment } = rendered(render(mcpServer({ ...MINIMAL, config: { BASE: 'x' }, env }, { namespace })));
  const earlier = structuredClone(deployment);
  // As an earlier version rendered it.
  variables(earlier).reverse();
  for (const applied of [earlier, deployment]) {
    const live = await client.apply<KubernetesObject & Deployment>(DEPLOYMENTS, applied, { fieldManager: 'cluster-tests', force: true });
    expect(variables(live).map(({ name }) => name)).toEqual(variables(applied).map(({ name }) => name));
  }
});
