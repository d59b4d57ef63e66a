// Which rights somebody has, asked of the API server: to install the operator, or to work with MCPServers.
import { GROUP, PLURAL } from '../../../charts/api/group.ts';
import { crdManifests, operatorManifests } from '../../../charts/operator/installation.ts';
import type { OperatorProps } from '../../../charts/operator/props.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { responseError } from '../../../kubernetes/responses.ts';
import { failed, passed, warning, type Check } from './check.ts';

/** One thing somebody wants to do. */
export interface Right {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  /** Undefined for the whole cluster. */
  readonly namespace?: string | undefined;
}

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const AT_ONCE = 8;

/** The rights it takes to apply an installation: those of the objects that are printed for it. */
export function rightsToInstall(props: OperatorProps): Right[] {
  const rights = [...crdManifests(), ...operatorManifests(props)].flatMap(({ apiVersion, kind, metadata: { namespace } }) => {
    const group = apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';
    return ['create', 'patch'].map((verb): Right => ({ verb, group, resource: pluralOf(kind), namespace }));
  });
  return [...new Map(rights.map((right) => [tell(right), right])).values()];
}

/** The rights it takes to work with MCPServers in a namespace. */
export function rightsToUse(namespace: string): Right[] {
  return ['get', 'list', 'create', 'patch', 'delete'].map((verb) => ({ verb, group: GROUP, resource: PLURAL, namespace }));
}

/** The kinds of an installation have regular plurals. */
function pluralOf(kind: string): string {
  const name = kind.toLowerCase();
  return name.endsWith('y') ? `${name.slice(0, -1)}ies` : `${name}s`;
}

/** Those of the rights that are missing. Rejects with ApiError. */
export async function missingRights(client: KubernetesClient, rights: readonly Right[]): Promise<Right[]> {
  const missing: Right[] = [];
  for (let start = 0; start < rights.length; start += AT_ONCE) {
    const some = rights.slice(start, start + AT_ONCE);
    const allowed = await Promise.all(some.map((right) => isAllowed(client, right)));
    missing.push(...some.filter((_, index) => allowed[index] !== true));
  }
  return missing;
}

async function isAllowed(client: KubernetesClient, { verb, group, resource, namespace }: Right): Promise<boolean> {
  const resourceAttributes = { verb, group, resource, ...(namespace !== undefined && { namespace }) };
  const body = JSON.stringify({ apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } });
  const response = await client.request('POST', REVIEWS, { body, maxBytes: 64 * 1024 });
  if (response.status !== 201) throw responseError('POST selfsubjectaccessreviews', response);
  return (JSON.parse(response.body.toString()) as { readonly status?: { readonly allowed?: boolean } }).status?.allowed === true;
}

/** Installing needs all of them. */
export async function installRightsCheck(client: KubernetesClient, props: OperatorProps): Promise<Check> {
  const missing = await missingRights(client, rightsToInstall(props));
  if (missing.length === 0) return passed('rights', 'you have the rights to install the operator');
  const advice = 'ask whoever administers the cluster for them, or to install it; with --watch-namespace it takes none of the whole cluster but the CRD';
  return failed('rights', `you lack rights to install the operator: ${tellAll(missing)}`, advice);
}

/** Looking at an installation needs none of them. */
export async function useRightsCheck(client: KubernetesClient, namespace: string): Promise<Check> {
  const missing = await missingRights(client, rightsToUse(namespace));
  if (missing.length === 0) return passed('rights', `you may work with MCPServers in ${namespace}`);
  return warning('rights', `you may not do everything with MCPServers in ${namespace}: ${missing.map(({ verb }) => verb).join(', ')} is missing`, 'ask whoever administers the cluster, if you need it; -n names another namespace');
}

/** Verbs of one resource together. */
function tellAll(rights: readonly Right[]): string {
  const verbs = Map.groupBy(rights, (right) => tell({ ...right, verb: '' }).trim());
  return [...verbs].map(([what, those]) => `${those.map(({ verb }) => verb).join('/')} ${what}`).join(', ');
}

function tell({ verb, group, resource, namespace }: Right): string {
  return `${verb} ${group === '' ? resource : `${resource}.${group}`}${namespace === undefined ? '' : ` in ${namespace}`}`;
}
