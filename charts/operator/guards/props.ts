// The props of the guards, their defaults, and what is refused before anything is rendered.
import { GROUP } from '../../api/group.ts';
import { MANAGED_BY, OPERATOR_NAMESPACE } from '../../api/labels.ts';

/** Pod Security Standards, from strict to none. */
export const STANDARDS = ['restricted', 'baseline', 'privileged'] as const;
/** What becomes of a request that a guard does not let pass. */
export const ACTIONS = ['Deny', 'Warn', 'Audit'] as const;
/** Namespaces of the cluster itself, which no operator of MCPServers has business in. */
export const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease'];
const SERVICE_TYPES = ['ClusterIP', 'NodePort', 'LoadBalancer'];

/**
 * What MCPServers may ask for, and where the operator may write. In every list a name that ends with `*` allows all
 * names that begin like it, and `*` all.
 */
export interface GuardsProps {
  /**
   * Namespace the operator runs in, as which ServiceAccount it writes.
   * @default "mcp-operator-system"
   */
  readonly namespace?: string;
  /**
   * Whose writes are judged as the operator's.
   * @default - the ServiceAccount `mcp-operator` of that namespace
   */
  readonly user?: string;
  /**
   * Where the operator may write: the names of namespaces, or the labels they carry. Never namespaces of the cluster
   * itself, and its own only by name.
   * @default { 'mcp.example.com/servers': 'allowed' }
   */
  readonly namespaces?: readonly string[] | Readonly<Record<string, string>>;
  /**
   * Names of namespaces in which MCPServers may ask for anything: nothing of the following is judged there.
   * @default - none
   */
  readonly exemptNamespaces?: readonly string[];
  /**
   * What becomes of a request that is not let pass: Deny, Warn or Audit. Without Deny the guards can be tried first.
   * @default ["Deny"]
   */
  readonly validationActions?: readonly (typeof ACTIONS)[number][];
  /**
   * ServiceAccounts that pods may run as, besides the one each MCPServer has of its own.
   * @default - none
   */
  readonly allowedServiceAccounts?: readonly string[];
  /**
   * ServiceAccounts that pods may run as with their token mounted.
   * @default - none
   */
  readonly allowedTokenMounts?: readonly string[];
  /**
   * Pod Security Standard that pods must meet: restricted, baseline or privileged. The first refuses `securityProfile: None`.
   * @default "restricted"
   */
  readonly podSecurity?: (typeof STANDARDS)[number];
  /**
   * Types of Services besides ClusterIP: NodePort, LoadBalancer.
   * @default - none
   */
  readonly allowedServiceTypes?: readonly string[];
  /**
   * Keys of annotations of Services.
   * @default - none
   */
  readonly allowedServiceAnnotations?: readonly string[];
  /**
   * Load balancer classes that may be named.
   * @default - none
   */
  readonly allowedLoadBalancerClasses?: readonly string[];
  /**
   * Keys of annotations of the ServiceAccounts that MCPServers have of their own: at clouds they say whose rights pods have.
   * @default - none
   */
  readonly allowedServiceAccountAnnotations?: readonly string[];
  /**
   * CSI drivers that may bring files.
   * @default - none
   */
  readonly allowedCsiDrivers?: readonly string[];
  /**
   * Schedulers that may be named besides `default-scheduler`: another one need not look at taints.
   * @default - none
   */
  readonly allowedSchedulers?: readonly string[];
  /**
   * Priority classes that may be named.
   * @default - none
   */
  readonly allowedPriorityClasses?: readonly string[];
  /**
   * Runtime classes that may be named.
   * @default - none
   */
  readonly allowedRuntimeClasses?: readonly string[];
  /**
   * Keys of taints that may be tolerated. `*` allows a toleration of every taint too.
   * @default - none
   */
  readonly allowedTolerations?: readonly string[];
  /**
   * Secrets that pods may use: variables, files, pull secrets, and credentials of the handshake.
   * @default ["*"]
   */
  readonly allowedSecrets?: readonly string[];
  /**
   * Keys of labels of pods, besides the operator's.
   * @default ["*"]
   */
  readonly allowedPodLabels?: readonly string[];
  /**
   * Keys of annotations of pods, besides the operator's.
   * @default ["*"]
   */
  readonly allowedPodAnnotations?: readonly string[];
}

/** The props with every default filled in. */
export type ResolvedGuards = Required<GuardsProps>;

const NONE: readonly string[] = [];
const ANY: readonly string[] = ['*'];
const ALLOWED = {
  allowedServiceAccounts: NONE, allowedTokenMounts: NONE, allowedServiceTypes: NONE, allowedServiceAnnotations: NONE,
  allowedServiceAccountAnnotations: NONE, allowedCsiDrivers: NONE, allowedSchedulers: NONE,
  allowedLoadBalancerClasses: NONE, allowedPriorityClasses: NONE, allowedRuntimeClasses: NONE, allowedTolerations: NONE,
  allowedSecrets: ANY, allowedPodLabels: ANY, allowedPodAnnotations: ANY,
};

/**
 * Fills in the defaults.
 * @throws Error that names every prop which cannot be meant, and what to write instead.
 */
export function resolveGuards(props: GuardsProps): ResolvedGuards {
  const given = Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as GuardsProps;
  const { namespace = OPERATOR_NAMESPACE } = given;
  const guards: ResolvedGuards = {
    namespace, user: `system:serviceaccount:${namespace}:${MANAGED_BY}`, namespaces: { [`${GROUP}/servers`]: 'allowed' }, exemptNamespaces: NONE,
    validationActions: ['Deny'], podSecurity: 'restricted', ...ALLOWED, ...given,
  };
  const problems = problemsOf(guards);
  if (problems.length > 0) throw new Error(`the guards cannot be meant like this: ${problems.join('; ')}`);
  return guards;
}

function problemsOf(guards: ResolvedGuards): string[] {
  const { namespace, user, namespaces, exemptNamespaces, validationActions, podSecurity, allowedServiceTypes } = guards;
  const isList = Array.isArray(namespaces);
  const names = isList ? (namespaces as readonly string[]) : [];
  const labels = isList ? {} : namespaces;
  return [
    ...problemsIn('namespace', [namespace], NAMESPACE),
    ...problemsIn('user', [user], WORD),
    ...problemsIn('namespaces', names, NAMESPACE),
    ...problemsIn('namespaces', Object.entries(labels).flat(), WORD),
    ...((isList ? names : Object.keys(labels)).length === 0 ? ['namespaces is empty: name some, or a label they carry'] : []),
    ...names.filter((name) => SYSTEM_NAMESPACES.includes(name)).map((name) => `namespaces has ${name}: no MCPServer belongs there`),
    ...problemsIn('exemptNamespaces', exemptNamespaces, NAMESPACE),
    ...(validationActions.length === 0 ? [`validationActions is empty: use some of ${ACTIONS.join(', ')}`] : []),
    ...oneOf('validationActions', validationActions, ACTIONS),
    ...(['Deny', 'Warn'].every((action) => (validationActions as readonly string[]).includes(action)) ? ['validationActions has Deny and Warn: use one of them'] : []),
    ...oneOf('podSecurity', [podSecurity], STANDARDS),
    ...oneOf('allowedServiceTypes', allowedServiceTypes, [...SERVICE_TYPES, '*']),
    ...Object.keys(ALLOWED).flatMap((prop) => problemsIn(prop, guards[prop as keyof typeof ALLOWED], PATTERN)),
  ];
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** What stands in a policy between quotes. */
const WORD = /^[^\s'\\*]*$/;
const PATTERN = /^([^\s'\\*]+|[^\s'\\*]*\*)$/;

function problemsIn(prop: string, words: readonly string[], syntax: RegExp): string[] {
  return words.filter((word) => !syntax.test(word)).map((word) => `${prop} has ${JSON.stringify(word)}, which is no name`);
}

function oneOf(prop: string, words: readonly string[], known: readonly string[]): string[] {
  return words.filter((word) => !known.includes(word)).map((word) => `${prop} has ${JSON.stringify(word)}: use ${known.join(', ')}`);
}
