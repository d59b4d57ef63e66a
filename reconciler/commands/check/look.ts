// Looks at a cluster for `check`, before and after the operator is installed.
import packageJson from '../../../package.json' with { type: 'json' };
import type { OperatorProps } from '../../../charts/operator/props.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { LEASES, PODS } from '../../../kubernetes/objects.ts';
import { MCP_SERVERS, type MCPServerObject, type PodObject } from '../../kinds.ts';
import type { LeaseObject } from '../../runtime/lease-lock.ts';
import { kubernetesVersion } from '../cluster/kubernetes-version.ts';
import { leaseOf, OPERATOR_SELECTOR, operatorsIn, type Operator } from '../cluster/operators.ts';
import { passed, warning, type Check } from './check.ts';
import { crdCheck, metricsCheck, versionCheck } from './cluster-checks.ts';
import { leaderCheck, operatorCheck, reachCheck, readyCheck, settingsCheck, watchedCheck } from './operator-checks.ts';
import { installRightsCheck, useRightsCheck } from './rights.ts';

/** Whether the operator can be installed with these props. Rejects with ApiError where the cluster does not answer. */
export async function lookBefore(client: KubernetesClient, props: OperatorProps): Promise<Check[]> {
  const version = versionCheck(await kubernetesVersion(client));
  const crd = crdCheck(client, { isExpected: false });
  const checks = await Promise.all([installRightsCheck(client, props), crd, alreadyThere(client, props), metricsCheck(client)]);
  return [version, ...checks];
}

async function alreadyThere(client: KubernetesClient, { namespace = '' }: OperatorProps): Promise<Check> {
  const name = 'operator';
  const operators = await readable(operatorsIn(client, [namespace]));
  if (operators === undefined) return warning(name, 'you may not read whether an operator is there already', 'let one operator, and only one, watch an MCPServer');
  if (operators.length === 0) return passed(name, 'no operator is there yet');
  const places = operators.map(({ namespace: where, version }) => `${version ?? 'unknown'} in ${where}`).join(', ');
  return warning(name, `an operator is there already: ${places}`, 'install with the same flags to upgrade it, or give each operator namespaces, or labels, of its own');
}

/** Where somebody works with MCPServers, and where the operator is looked for. */
interface Places {
  readonly namespace: string;
  readonly operatorNamespace: string;
}

/** Whether all is well with an installation. Rejects with ApiError where the cluster does not answer. */
export async function lookAfter(client: KubernetesClient, { namespace, operatorNamespace }: Places): Promise<Check[]> {
  const version = await kubernetesVersion(client);
  const [rights, crd, operators, metrics] = await Promise.all([
    useRightsCheck(client, namespace),
    crdCheck(client, { isExpected: true }),
    readable(operatorsIn(client, [operatorNamespace, namespace])),
    metricsCheck(client),
  ]);
  const first = [versionCheck(version), rights, crd];
  if (operators === undefined) return [...first, mayNot('operator', 'the operator'), metrics];
  const each = await Promise.all(operators.map((operator) => ofOperator(client, operator, version.now)));
  const reach = crd.result === 'Failed' ? [] : await ofServers(client, namespace, operators);
  return [...first, operatorCheck(operators, packageJson.version), ...each.flat(), ...reach, metrics];
}

async function ofOperator(client: KubernetesClient, operator: Operator, now: number): Promise<Check[]> {
  const { namespace, args } = operator;
  const pods = await readable(client.list<PodObject>(PODS, { namespace, labelSelector: OPERATOR_SELECTOR }));
  const ready = readyCheck(operator, pods?.items);
  return [ready, ...(args.includes('--leader-elect') ? [await ofLeader(client, operator, now)] : []), settingsCheck(operator)];
}

async function ofLeader(client: KubernetesClient, operator: Operator, now: number): Promise<Check> {
  try {
    return leaderCheck(operator, await client.get<LeaseObject>(LEASES, leaseOf(operator)), now);
  } catch (error) {
    if (isApiError(error, 'NotFound')) return leaderCheck(operator, undefined, now);
    if (isApiError(error, 'Forbidden')) return mayNot('leader', `the Lease in ${operator.namespace}`);
    throw error;
  }
}

async function ofServers(client: KubernetesClient, namespace: string, operators: readonly Operator[]): Promise<Check[]> {
  const all = await readable(client.list<MCPServerObject>(MCP_SERVERS));
  const servers = all ?? (await readable(client.list<MCPServerObject>(MCP_SERVERS, { namespace })));
  if (servers === undefined) return [mayNot('pod-reach', 'MCPServers')];
  const watched = watchedCheck(operators, servers.items);
  return [...(watched === undefined ? [] : [watched]), reachCheck(servers.items)];
}

function mayNot(name: string, what: string): Check {
  return warning(name, `you may not read ${what}, so nothing is known of it`, 'ask whoever administers the cluster, or for the right to read it');
}

/** Undefined where a right is missing. */
async function readable<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isApiError(error, 'Forbidden')) return undefined;
    throw error;
  }
}
