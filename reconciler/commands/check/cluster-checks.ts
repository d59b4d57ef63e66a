// What `check` says of the cluster itself, whether the operator is there or not.
import { crdManifests } from '../../../charts/operator/installation.ts';
import { API_VERSION } from '../../../charts/api/group.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { CUSTOM_RESOURCE_DEFINITIONS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import { lackingField } from '../../compare/lacking.ts';
import type { KubernetesVersion } from '../cluster/kubernetes-version.ts';
import { failed, passed, warning, type Check } from './check.ts';

interface LiveDefinition extends KubernetesObject {
  readonly spec?: unknown;
  readonly status?: unknown;
}

/** The oldest Kubernetes 1 that is supported. */
const LEAST_MINOR = 30;
const APPLY_CRD = 'mcp-operator crd | kubectl apply --server-side -f -';

/** Whether it is new enough. */
export function versionCheck({ gitVersion, minor }: KubernetesVersion): Check {
  const name = 'kubernetes-version';
  if (Number.isNaN(minor)) return warning(name, `Kubernetes ${gitVersion}: its minor version cannot be read`, `use 1.${LEAST_MINOR} or newer`);
  if (minor < LEAST_MINOR) return failed(name, `Kubernetes ${gitVersion} is too old`, `upgrade to 1.${LEAST_MINOR} or newer`);
  return passed(name, `Kubernetes ${gitVersion}`);
}

/** Whether MCPServers are known, in the way this version knows them. `isExpected`: before the installation they need not be. */
export async function crdCheck(client: KubernetesClient, { isExpected }: { readonly isExpected: boolean }): Promise<Check> {
  const name = 'crd';
  const [ours] = crdManifests();
  try {
    const live = await client.get<LiveDefinition>(CUSTOM_RESOURCE_DEFINITIONS, { name: ours?.metadata.name ?? '' });
    if (!isEstablished(live.status)) return failed(name, 'the CRD is there, but the API server does not serve it', `see \`kubectl describe crd ${live.metadata.name}\``);
    const lacks = lackingField(live.spec, ours?.['spec'], 'spec');
    if (lacks === undefined) return passed(name, `the CRD is that of this version (${API_VERSION})`);
    return warning(name, `the CRD is of another version: it differs in ${lacks}`, `apply that of this version: ${APPLY_CRD}`);
  } catch (error) {
    if (isApiError(error, 'NotFound')) {
      return isExpected ? failed(name, 'the cluster does not know MCPServers', `apply the CRD: ${APPLY_CRD}`) : passed(name, 'the CRD is not there yet: `install` prints it');
    }
    if (!isApiError(error, 'Forbidden')) throw error;
    return served(client, name);
  }
}

/** Everybody may ask which kinds are served. */
async function served(client: KubernetesClient, name: string): Promise<Check> {
  const { status } = await client.request('GET', `/apis/${API_VERSION}`);
  const advice = 'ask whoever administers the cluster whether the CRD is that of this version';
  return status === 200 ? warning(name, 'MCPServers are known; you may not read the CRD itself', advice) : failed(name, 'the cluster does not know MCPServers', `ask whoever administers it to apply the CRD: ${APPLY_CRD}`);
}

function isEstablished(status: unknown): boolean {
  const { conditions = [] } = (status ?? {}) as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  return conditions.some((each) => each.type === 'Established' && each.status === 'True');
}

/** Whether autoscaling has something to go by. */
export async function metricsCheck(client: KubernetesClient): Promise<Check> {
  const name = 'metrics-api';
  const { status } = await client.request('GET', '/apis/metrics.k8s.io/v1beta1');
  if (status === 200) return passed(name, 'the metrics API answers, so that MCPServers can be scaled by CPU and memory');
  const why = status === 404 ? 'is not there' : `does not answer (HTTP ${status})`;
  return warning(name, `the metrics API ${why}: MCPServers with autoscaling by CPU or memory are not scaled`, 'install metrics-server, if any MCPServer has spec.autoscaling');
}
