// What `check` says of the operator: that it is there once, that its pods are ready, that one leads, that it reaches pods, and as what it renders. Pure.
import { DEFAULT_SETTINGS } from '../../../charts/settings.ts';
import { mayOverlap } from '../../../charts/operator/label-selector.ts';
import { operatorFor, settingsOf, type Operator } from '../cluster/operators.ts';
import type { LeaseObject } from '../../runtime/lease-lock.ts';
import type { MCPServerObject, PodObject } from '../../kinds.ts';
import { podTrouble } from './pod-trouble.ts';
import { failed, passed, warning, type Check } from './check.ts';

/** So many MCPServers without an operator are named. */
const MOST_NAMED = 10;

/** That there is one, and that no two watch the same MCPServers. `client`: version of this program. */
export function operatorCheck(operators: readonly Operator[], client: string): Check {
  const name = 'operator';
  if (operators.length === 0) return failed(name, 'no operator was found', 'install it: mcp-operator install --image … | kubectl apply --server-side -f -');
  const rivals = operators.filter((one) => operators.some((other) => other !== one && bothWatch(one, other)));
  if (rivals.length > 0) return failed(name, `more than one operator may watch the same MCPServers: those in ${placesOf(rivals)}`, 'uninstall all but one, or give each namespaces of its own with --watch-namespace, or labels of which no MCPServer has both with --watch-label-selector');
  const others = operators.filter(({ version }) => version !== client);
  if (others.length > 0) return warning(name, `the operator in ${placesOf(others)} is ${others.map(({ version }) => version ?? 'of an unknown version').join(', ')}, and this program ${client}`, 'what render, diff and validate say is that of this program: use both in one version');
  return passed(name, `operator ${client} in ${placesOf(operators)}`);
}

function bothWatch(one: Operator, other: Operator): boolean {
  return bothWatchNamespaces(one, other) && mayOverlap(one.selector, other.selector);
}

function bothWatchNamespaces(one: Operator, other: Operator): boolean {
  return one.watches.length === 0 || other.watches.length === 0 || one.watches.some((namespace) => other.watches.includes(namespace));
}

function placesOf(operators: readonly Operator[]): string {
  return operators.map(({ namespace }) => namespace).join(', ');
}

/** That each MCPServer has an operator, where operators watch some by their labels; undefined where none does. */
export function watchedCheck(operators: readonly Operator[], servers: readonly MCPServerObject[]): Check | undefined {
  if (operators.every(({ selector }) => selector.length === 0)) return undefined;
  const name = 'watched';
  const left = servers.filter(({ metadata: { namespace, labels } }) => operatorFor(operators, namespace, labels) === undefined);
  if (left.length === 0) return passed(name, 'each MCPServer is watched by an operator');
  const names = left.slice(0, MOST_NAMED).map(({ metadata }) => `${metadata.namespace}/${metadata.name}`).join(', ');
  const more = left.length > MOST_NAMED ? ` and ${left.length - MOST_NAMED} more` : '';
  const them = left.length === 1 ? 'is 1 MCPServer' : `are ${left.length} MCPServers`;
  return warning(name, `there ${them} that no operator watches: ${names}${more}`, 'label them so that the selector of one operator matches');
}

/** That its pods are ready, which they are once their caches are filled. `pods` undefined: they may not be read. */
export function readyCheck(operator: Operator, pods: readonly PodObject[] | undefined): Check {
  const { namespace, name: deployment, replicas, readyReplicas } = operator;
  const name = 'ready';
  if (replicas === 0) return failed(name, `the operator in ${namespace} is scaled to zero`, `kubectl -n ${namespace} scale deployment/${deployment} --replicas=2`);
  const trouble = pods?.map(podTrouble).find((each) => each !== undefined);
  const why = trouble === undefined ? '' : `: ${trouble}`;
  const advice = `see \`kubectl -n ${namespace} describe pods -l app.kubernetes.io/name=${deployment}\` and their logs`;
  if (readyReplicas === 0) return failed(name, `no pod of the operator in ${namespace} is ready${why}`, advice);
  if (readyReplicas < replicas) return warning(name, `${readyReplicas} of ${replicas} pods of the operator in ${namespace} are ready${why}`, advice);
  return passed(name, `${readyReplicas} of ${replicas} pods in ${namespace} are ready: their caches are filled`);
}

/** That one of them works. `now` by the API server's clock, in milliseconds. `lease` undefined: there is none. */
export function leaderCheck({ namespace }: Operator, lease: LeaseObject | undefined, now: number): Check {
  const name = 'leader';
  const { holderIdentity = '', renewTime, leaseDurationSeconds = 15 } = lease?.spec ?? {};
  const advice = `see \`kubectl -n ${namespace} logs -l app.kubernetes.io/name=mcp-operator --prefix\``;
  if (holderIdentity === '' || renewTime === undefined) return failed(name, `no pod of the operator in ${namespace} leads, so nothing is done`, advice);
  const age = Math.round((now - Date.parse(renewTime)) / 1000);
  if (!(age <= leaseDurationSeconds)) return failed(name, `the leader in ${namespace}, ${holderIdentity}, has not renewed its Lease for ${age} s`, advice);
  return passed(name, `${holderIdentity.replace(/_[0-9a-f-]{36}$/, '')} leads in ${namespace}`);
}

/** That MCP servers are within its reach, as the last verdicts say. */
export function reachCheck(servers: readonly MCPServerObject[]): Check {
  const name = 'pod-reach';
  const verdicts = servers.flatMap(({ status }) => status?.conditions?.find(({ type }) => type === 'Verified') ?? []);
  const unreachable = verdicts.filter(({ reason }) => reason === 'Unreachable').length;
  const answered = verdicts.filter(({ status, reason }) => status !== 'Unknown' && reason !== 'Disabled').length;
  if (unreachable === 0 && answered === 0) return passed(name, 'no MCPServer was verified yet, so nothing is known of the way to pods');
  if (unreachable === 0) return passed(name, `the operator reached the pods of ${answered} MCPServer${answered === 1 ? '' : 's'}`);
  const advice = 'let network policies admit the operator\'s namespace to the port of the servers, or install it with --pod-access api-server';
  if (answered === 0) return failed(name, `the operator reaches none of the ${unreachable} MCPServers that it asked`, advice);
  return warning(name, `the operator does not reach ${unreachable} of ${unreachable + answered} MCPServers`, advice);
}

/** That this program renders as the operator does. */
export function settingsCheck(operator: Operator): Check {
  const name = 'settings';
  const theirs = { ...DEFAULT_SETTINGS, ...settingsOf(operator) };
  const flags = [
    ...(theirs.bridgeImage === DEFAULT_SETTINGS.bridgeImage ? [] : [`--bridge-image ${theirs.bridgeImage}`]),
    ...(theirs.bridgeBy === DEFAULT_SETTINGS.bridgeBy ? [] : [`--bridge-by ${theirs.bridgeBy}`]),
  ];
  if (flags.length === 0) return passed(name, `the operator in ${operator.namespace} renders with the settings that this program has`);
  return warning(name, `the operator in ${operator.namespace} renders stdio servers with settings of its own`, `give them to render, and to cdk8s: ${flags.join(' ')}`);
}
