// The CustomResourceDefinition of MCPServer on the control plane that test files share.
import { customResourceDefinition } from '../../charts/api/crd.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type KubernetesObject } from '../../kubernetes/objects.ts';
import { eventually } from './cluster.ts';

interface Established extends KubernetesObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** Installs the CRD and resolves when it is served. Safe to call from several files at once; nobody removes it. */
export async function ensureCrd(client: KubernetesClient): Promise<void> {
  const crd = customResourceDefinition() as unknown as KubernetesObject;
  await client.apply(CUSTOM_RESOURCE_DEFINITIONS, crd, { fieldManager: 'cluster-tests', force: true });
  await eventually(async () => {
    const { status } = await client.get<Established>(CUSTOM_RESOURCE_DEFINITIONS, { name: crd.metadata.name });
    if (!status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True')) throw new Error('not established');
  }, { message: 'the CRD' });
}
