// The guards as tests apply them, and users whom they judge; also for what starts control planes, where no test runs.
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { App, Chart } from 'cdk8s';
import { parse, stringify } from 'yaml';
import { Guards, type GuardsProps } from '../../charts/operator/guards/guards.ts';
import type { Manifest } from '../../charts/render.ts';

/** Guards that let pass all that can be rendered. */
export const OPEN: GuardsProps = {
  podSecurity: 'privileged', allowedServiceAccounts: ['*'], allowedTokenMounts: ['*'], allowedServiceTypes: ['*'], allowedServiceAnnotations: ['*'],
  allowedLoadBalancerClasses: ['*'], allowedPriorityClasses: ['*'], allowedRuntimeClasses: ['*'], allowedTolerations: ['*'],
  allowedServiceAccountAnnotations: ['*'], allowedCsiDrivers: ['*'], allowedSchedulers: ['*'],
};

/** Policies and bindings rendered for props. */
export function guardManifests(props: GuardsProps = {}): Manifest[] {
  const chart = new Chart(new App(), 'chart');
  const guards = new Guards(chart, 'guards', props);
  return guards.node.root === chart.node.root ? (chart.toJson() as Manifest[]) : [];
}

/** As one text, for kubectl. */
export function toText(manifests: readonly unknown[]): string {
  return manifests.map((manifest) => JSON.stringify(manifest)).join('\n---\n');
}

/** Writes, beside the kubeconfig of an administrator, one of a user whom RBAC forbids nothing; its path. */
export async function kubeconfigAs(user: string, admin: string): Promise<string> {
  const kubeconfig = parse(await readFile(admin, 'utf8')) as { users: { user: object }[] };
  for (const each of kubeconfig.users) each.user = { ...each.user, as: user, 'as-groups': ['system:masters'] };
  const file = join(admin, '..', `as-${randomBytes(6).toString('hex')}`);
  await writeFile(file, stringify(kubeconfig), { mode: 0o600 });
  return file;
}
