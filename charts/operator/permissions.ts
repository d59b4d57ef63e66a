// What the operator may do: the fewest permissions that let it work, in every namespace or in some. No Secrets, no wildcards.
import type { k8s } from 'cdk8s-plus-28';
import { GROUP, PLURAL } from '../api/group.ts';
import { MANAGED_BY } from '../api/labels.ts';
import type { ResolvedOperator } from './props.ts';

const RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: [GROUP], resources: [PLURAL], verbs: ['list', 'watch'] },
  { apiGroups: [GROUP], resources: [`${PLURAL}/status`], verbs: ['patch'] },
  // Never deleted by the operator: every MCPServer has one.
  { apiGroups: ['apps'], resources: ['deployments'], verbs: ['get', 'list', 'watch', 'create', 'patch'] },
  { apiGroups: [''], resources: ['services', 'configmaps', 'serviceaccounts'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['networking.k8s.io'], resources: ['networkpolicies'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'] },
  { apiGroups: [''], resources: ['pods'], verbs: ['list', 'watch'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
];

/** Why a pod waits is told by its events alone. */
const POD_EVENTS: k8s.PolicyRule = { apiGroups: [''], resources: ['events'], verbs: ['list'] };

/** Whose an MCPServer is at this moment, where another operator may have it. */
const SHARED: k8s.PolicyRule = { apiGroups: [GROUP], resources: [PLURAL], verbs: ['get'] };

/** The handshake by the pod proxy: a verb for each of GET, POST and DELETE. It reaches every port of every pod. */
const POD_PROXY: k8s.PolicyRule = { apiGroups: [''], resources: ['pods/proxy'], verbs: ['get', 'create', 'delete'] };

/** For namespaces whose MCPServers the operator runs. */
export function watchRules(operator: Pick<ResolvedOperator, 'podAccess' | 'readPodEvents' | 'watchLabelSelector'>): k8s.PolicyRule[] {
  const { podAccess, readPodEvents, watchLabelSelector } = operator;
  return [
    ...RULES,
    ...(watchLabelSelector === undefined ? [] : [SHARED]),
    ...(readPodEvents ? [POD_EVENTS] : []),
    ...(podAccess === 'api-server' ? [POD_PROXY] : []),
  ];
}

/** What it writes for MCPServers, each as `group/resource`. */
export const CHILD_RESOURCES: readonly string[] = RULES
  .filter(({ verbs, apiGroups }) => verbs.includes('create') && !apiGroups?.includes('events.k8s.io'))
  .flatMap(({ apiGroups = [], resources = [] }) => resources.map((resource) => `${apiGroups[0]}/${resource}`));

/** For its own namespace: the Lease that says which of its pods works. A rule cannot bind `create` to a name. */
export const LEADER_ELECTION_RULES: readonly k8s.PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'] },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], resourceNames: [MANAGED_BY], verbs: ['get', 'update'] },
];
