// The real API server gives the operator's requests the priority level that the installation names.
import { expect, onTestFinished, test } from 'vitest';
import { operatorManifests } from '../../../charts/operator/installation.ts';
import { KubernetesClient } from '../../../kubernetes/client.ts';
import type { KubernetesObject, ResourceType } from '../../../kubernetes/objects.ts';
import { connect, eventually, uniqueName } from '../../support/cluster.ts';

const flowControl = (kind: string, plural: string): ResourceType => ({ group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind, plural, namespaced: false });
const FLOW_SCHEMAS = flowControl('FlowSchema', 'flowschemas');
const PRIORITY_LEVELS = flowControl('PriorityLevelConfiguration', 'prioritylevelconfigurations');

/** Which of both a request of a ServiceAccount is counted to. */
async function levelOf(client: KubernetesClient, account: string): Promise<unknown[]> {
  const headers = { 'impersonate-user': `system:serviceaccount:${account}` };
  const asAccount = new KubernetesClient({ ...client.connection, headers });
  try {
    const { headers: answered } = await asAccount.request('GET', '/version');
    return [answered['x-kubernetes-pf-flowschema-uid'], answered['x-kubernetes-pf-prioritylevel-uid']];
  } finally {
    asAccount.close();
  }
}

test('requests of its ServiceAccount, and of no other, are of the priority level that was named', async () => {
  const client = await connect();
  const namespace = uniqueName('flow');
  const rendered = operatorManifests({ image: 'example.com/operator:1', namespace, priorityLevel: 'workload-high' }).find(({ kind }) => kind === 'FlowSchema');
  const applied = await client.apply<KubernetesObject>(FLOW_SCHEMAS, rendered as KubernetesObject, { fieldManager: 'test' });
  onTestFinished(async () => {
    await client.delete(FLOW_SCHEMAS, applied.metadata);
    client.close();
  });
  const level = await client.get(PRIORITY_LEVELS, { name: 'workload-high' });
  await eventually(async () => expect(await levelOf(client, `${namespace}:mcp-operator`)).toEqual([applied.metadata.uid, level.metadata.uid]));
  expect((await levelOf(client, `${namespace}:other`))[0]).not.toBe(applied.metadata.uid);
  expect((await levelOf(client, 'elsewhere:mcp-operator'))[0]).not.toBe(applied.metadata.uid);
});
