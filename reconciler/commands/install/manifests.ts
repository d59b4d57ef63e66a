// What `install`, `uninstall` and `crd` print. Pure.
import { MANAGED_BY, OPERATOR_LABELS } from '../../../charts/api/labels.ts';
import { crdManifests, guardsManifests, operatorManifests } from '../../../charts/operator/installation.ts';
import { resolveOperator, type OperatorProps } from '../../../charts/operator/props.ts';
import type { Manifest } from '../../../charts/render.ts';
import { toYaml } from '../../../charts/yaml-text.ts';
import { apiVersionOf, LEASES } from '../../../kubernetes/objects.ts';
import { UserError } from '../user-error.ts';

/** The CRD as YAML. */
export function crdText(): string {
  return toYaml(crdManifests());
}

/** All objects of an installation as YAML, the CRD first. Throws UserError for props that cannot be meant. */
export function installText(props: OperatorProps, { crd }: { readonly crd: boolean }): string {
  return toYaml([...(crd ? crdManifests() : []), ...refusing(() => operatorManifests(props))]);
}

/** The images that an installation pulls: the operator's, and the one that it puts into pods of stdio servers. Throws UserError. */
export function imagesOf(props: OperatorProps): string[] {
  const { image, bridgeImage } = refusing(() => resolveOperator(props));
  return [image, bridgeImage];
}

/** What is left in the cluster. */
export interface Kept {
  readonly keepNamespace: boolean;
  readonly crd: boolean;
}

/**
 * What names the objects to delete, in the order to delete them: the operator first, so that nothing is taken from it while it works,
 * and its namespace last. Guards and the FlowSchema are there whether they were installed or not, but for an installation that cannot have them.
 */
export function uninstallText(props: Pick<OperatorProps, 'namespace' | 'watchNamespaces' | 'watchLabelSelector'>, { keepNamespace, crd }: Kept): string {
  const { namespace, watchNamespaces } = refusing(() => resolveOperator({ ...props, image: 'operator' }));
  const clusterWide = watchNamespaces === undefined ? { priorityLevel: 'any' } : {};
  const operator = operatorManifests({ ...props, ...clusterWide, image: 'operator', replicas: 2, createNamespace: !keepNamespace });
  const guards = watchNamespaces === undefined ? guardsManifests({ namespace }) : [];
  const lease = { apiVersion: apiVersionOf(LEASES), kind: LEASES.kind, metadata: { name: MANAGED_BY, namespace, labels: OPERATOR_LABELS } };
  const last = operator.filter(({ kind }) => kind === 'Namespace');
  const first = operator.filter(({ kind }) => kind === 'Deployment');
  const rest = operator.filter((manifest) => !first.includes(manifest) && !last.includes(manifest)).toReversed();
  const all = [...first, ...rest, lease, ...guards, ...last, ...(crd ? crdManifests() : [])];
  return toYaml(all.map(nameOnly));
}

function nameOnly({ apiVersion, kind, metadata: { name, namespace } }: Manifest): object {
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } };
}

/** What the construct refuses is a mistake in the flags. */
function refusing<T>(render: () => T): T {
  try {
    return render();
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
}
