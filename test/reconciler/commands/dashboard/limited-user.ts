// A user with a few rights in one namespace, as which the administrator acts.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { parse, stringify } from 'yaml';
import type { KubernetesClient } from '../../../../kubernetes/client.ts';
import { ROLE_BINDINGS, ROLES, type KubernetesObject } from '../../../../kubernetes/objects.ts';
import { uniqueName } from '../../../support/cluster.ts';

/** One rule of a Role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** Rights in a cluster that is not the common one, by the kubeconfig of its administrator. */
interface Limits {
  readonly rules: readonly Rule[];
  readonly of: string;
}

/** What the user comes with. */
export interface LimitedUser {
  readonly kubeconfig: string;
  readonly remove: () => Promise<void>;
}

/** A kubeconfig of somebody who has these rights in a namespace and no others; the caller removes it. */
export async function kubeconfigWith(
  client: KubernetesClient,
  namespace: string,
  rules: readonly Rule[] | Limits,
): Promise<LimitedUser> {
  const { rules: allowed, of } = 'of' in rules ? rules : { rules, of: inject('kubeconfig') };
  const name = uniqueName('limited');
  const metadata = { name, namespace };
  await client.create(ROLES, { metadata, rules: allowed } as KubernetesObject);
  const roleRef = { kind: 'Role', name, apiGroup: ROLES.group };
  await client.create(ROLE_BINDINGS, { metadata, subjects: [{ kind: 'User', name }], roleRef } as KubernetesObject);
  const folder = await mkdtemp(join(tmpdir(), 'limited-'));
  const file = parse(await readFile(of, 'utf8')) as { users: { user: object }[] };
  const users = file.users.map((each) => ({ ...each, user: { ...each.user, as: name } }));
  await writeFile(join(folder, 'kubeconfig'), stringify({ ...file, users }));
  return { kubeconfig: join(folder, 'kubeconfig'), remove: () => rm(folder, { recursive: true, force: true }) };
}
