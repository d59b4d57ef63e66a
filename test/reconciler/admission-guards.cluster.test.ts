// The operator under the guards of its installation: its ordinary life passes all of them, and what they refuse its status tells.
// The last case judges the requests of all others.
import { afterAll, expect, test } from 'vitest';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { DEPLOYMENTS, SERVICES, type KubernetesObject } from '../../kubernetes/objects.ts';
import { MCP_SERVERS } from '../../reconciler/kinds.ts';
import { auditEvents, eventually, kubectl, uniqueName } from '../support/cluster.ts';
import { conditionOf } from '../support/kstatus.ts';
import { install, type Installed } from '../support/operator-manifests.ts';
import { accountKubeconfig, accountOf, exercise, toInput } from './installed-account.ts';
import { useScene } from './scene.ts';

const HOME = uniqueName('operator-home');
const applied: Installed[] = [];

/** The installation with guards, in a namespace and with a ClusterRole of its own. */
function guardedInstallation(namespace: string): Installed[] {
  const manifests = install({ namespace: HOME, guards: { namespaces: [namespace], allowedTokenMounts: ['default'] } });
  const guards = manifests.filter(({ kind }) => kind.startsWith('ValidatingAdmissionPolicy'));
  expect(guards).toHaveLength(8);
  return [...accountOf(manifests), ...guards].map(renamed);
}

/** Another file installs the ClusterRole of that name. */
function renamed(object: Installed): Installed {
  if (!object.kind.startsWith('ClusterRole')) return object;
  return { ...object, metadata: { ...object.metadata, name: HOME }, ...(object.roleRef && { roleRef: { ...object.roleRef, name: HOME } }) };
}

async function whenInForce(client: KubernetesClient, namespace: string): Promise<void> {
  const probe = { metadata: { name: 'probe', namespace }, spec: { image: 'a', securityProfile: 'None' } } as unknown as KubernetesObject;
  const refused = (): Promise<void> => expect(client.create(MCP_SERVERS, probe, { dryRun: true })).rejects.toThrow('securityProfile');
  await eventually(refused, { timeoutMs: 60_000, message: 'the guards' });
}

const scene = useScene('guarded', {
  kubeconfig: async (client, namespace) => {
    applied.push(...guardedInstallation(namespace));
    const kubeconfig = await accountKubeconfig(client, applied);
    await whenInForce(client, namespace);
    return kubeconfig;
  },
});

afterAll(async () => {
  await kubectl(['delete', '--wait=false', '-f', '-'], { input: toInput(applied) });
});

test('it creates, repairs, changes, prunes and refuses as without them', async () => {
  await exercise(scene);
  expect(scene.operator.errors).toEqual([]);
}, 240_000);

test('it takes over what consents, follows who else scales, and lets its objects go', async () => {
  const { fleet } = scene;
  const labels = { app: 'former' };
  const spec = { selector: labels, ports: [{ name: 'http', port: 9, targetPort: 'http' }] };
  await fleet.client.create(SERVICES, { metadata: { ...fleet.ref('adopting'), annotations: { 'mcp.example.com/adopt-by': 'adopting' } }, spec } as KubernetesObject);
  await fleet.create('adopting', { replicas: 2 });
  await fleet.ready('adopting');
  await fleet.edit('adopting', { scaling: 'External' });
  await fleet.client.patch(DEPLOYMENTS, fleet.ref('adopting'), { spec: { replicas: 3 } }, { subresource: 'scale' });
  await fleet.edit('adopting', { image: 'example.com/server:2', strategy: { type: 'Recreate' } });
  await fleet.ready('adopting');
  await fleet.edit('adopting', { deletionPolicy: 'Orphan' });
  await fleet.until('adopting', 'Orphaned', ['True']);
  await fleet.remove('adopting');
  expect((await fleet.childNames('adopting')).toSorted()).toEqual(['Deployment adopting', 'PodDisruptionBudget adopting', 'Service adopting', 'ServiceAccount adopting']);
}, 240_000);

test('it says which guard refuses what a spec leads to, and goes on when the spec changes', async () => {
  const { fleet } = scene;
  await fleet.create('rooted', { podSecurityContext: { runAsUser: 0, runAsNonRoot: false } });
  const refused = await fleet.until('rooted', 'Stalled', ['True', 'PolicyRefused']);
  expect(conditionOf(refused, 'Stalled')?.message).toContain(
    `ValidatingAdmissionPolicy 'mcp-operator-deployments.${HOME}' with binding 'mcp-operator-deployments.${HOME}' denied request: The pods do not meet Pod Security restricted: Running as Non-root.`,
  );
  await fleet.edit('rooted', { podSecurityContext: null });
  expect(conditionOf(await fleet.ready('rooted'), 'Stalled')).toBeUndefined();
});

test('nothing else was refused to it', async () => {
  const refused = await auditEvents((event) => event.userAgent === scene.operator.userAgent && event.responseStatus?.code === 403);
  expect([...new Set(refused.map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name}`))]).toEqual(['patch deployments rooted']);
});
