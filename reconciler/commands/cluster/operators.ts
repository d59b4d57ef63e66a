// The operators that run in a cluster, as their Deployments say: what they are, where, and with which flags.
import { MANAGED_BY, OPERATOR_LABELS } from '../../../charts/api/labels.ts';
import { labelSelectorProblem, matchesLabels, parseLabelSelector, type Labels, type LabelSelector } from '../../../charts/operator/label-selector.ts';
import type { RenderSettings } from '../../../charts/settings.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { DEPLOYMENTS, type KubernetesObject } from '../../../kubernetes/objects.ts';
import type { List } from '../../../kubernetes/pages.ts';

interface OperatorContainer {
  readonly image?: string;
  readonly args?: readonly string[];
}

/** What is read of the operator's Deployment. */
export interface OperatorDeployment extends KubernetesObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec?: { readonly containers?: readonly OperatorContainer[] } };
  };
  readonly status?: { readonly readyReplicas?: number; readonly updatedReplicas?: number; readonly observedGeneration?: number };
}

/** One installation. */
export interface Operator {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
  /** Tag of the image; null where it has none. */
  readonly version: string | null;
  readonly replicas: number;
  readonly readyReplicas: number;
  /** The namespaces it watches; none for all. */
  readonly watches: readonly string[];
  /** What the labels of its MCPServers match; nothing for all. */
  readonly selector: LabelSelector;
  readonly args: readonly string[];
  readonly deployment: OperatorDeployment;
}

/** Selects the objects and pods of operators. */
export const OPERATOR_SELECTOR = Object.entries(OPERATOR_LABELS).map((pair) => pair.join('=')).join(',');

/**
 * All operators. Who may not list the Deployments of the cluster is shown those in `namespaces`. Rejects with ApiError; with Forbidden
 * where none of it may be read.
 */
export async function operatorsIn(client: KubernetesClient, namespaces: readonly string[]): Promise<Operator[]> {
  try {
    const { items } = await deployments(client);
    return items.map(operatorOf);
  } catch (error) {
    if (!isApiError(error, 'Forbidden')) throw error;
    const lists = await Promise.allSettled([...new Set(namespaces)].map((namespace) => deployments(client, namespace)));
    const read = lists.filter((each) => each.status === 'fulfilled');
    if (read.length === 0) throw error;
    return read.flatMap(({ value }) => value.items.map(operatorOf));
  }
}

function deployments(client: KubernetesClient, namespace?: string): Promise<List<OperatorDeployment>> {
  return client.list<OperatorDeployment>(DEPLOYMENTS, { namespace, labelSelector: OPERATOR_SELECTOR });
}

/** The one whose an MCPServer with these labels in this namespace is; undefined where no known one watches it. */
export function operatorFor(operators: readonly Operator[], namespace: string, labels?: Labels): Operator | undefined {
  const selecting = operators.filter(({ selector }) => matchesLabels(selector, labels));
  return selecting.find(({ watches }) => watches.includes(namespace)) ?? selecting.find(({ watches }) => watches.length === 0);
}

/** The settings by which it renders, as far as its flags say. */
export function settingsOf({ args }: Pick<Operator, 'args'>): Partial<RenderSettings> {
  const [bridgeImage, bridgeBy] = [flagOf(args, '--bridge-image'), flagOf(args, '--bridge-by') as RenderSettings['bridgeBy'] | undefined];
  return { ...(bridgeImage !== undefined && { bridgeImage }), ...(bridgeBy !== undefined && { bridgeBy }) };
}

/** The value of a flag, as `--flag=value` or two arguments; the last one counts. */
export function flagOf(args: readonly string[], flag: string): string | undefined {
  return flagsOf(args, flag).at(-1);
}

function flagsOf(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, index) => {
    if (arg.startsWith(`${flag}=`)) return [arg.slice(flag.length + 1)];
    return arg === flag ? (args[index + 1] ?? []) : [];
  });
}

function operatorOf(deployment: OperatorDeployment): Operator {
  const { metadata: { name, namespace = '' }, spec, status } = deployment;
  const { image = '', args = [] } = spec?.template?.spec?.containers?.[0] ?? {};
  return {
    namespace,
    name,
    image,
    version: /:([\w.-]+)(?:@|$)/.exec(image)?.[1] ?? null,
    replicas: spec?.replicas ?? 1,
    readyReplicas: status?.readyReplicas ?? 0,
    watches: flagsOf(args, '--namespace'),
    selector: selectorIn(args),
    args,
    deployment,
  };
}

/** One that cannot be read is one that the operator does not start with. */
function selectorIn(args: readonly string[]): LabelSelector {
  const text = flagOf(args, '--watch-label-selector');
  return text === undefined || labelSelectorProblem(text) !== undefined ? [] : parseLabelSelector(text);
}

/** Name of the Lease by which the operator's pods elect one that works. */
export function leaseOf({ args, namespace }: Pick<Operator, 'args' | 'namespace'>): { readonly namespace: string; readonly name: string } {
  return { namespace: flagOf(args, '--leader-elect-resource-namespace') ?? namespace, name: flagOf(args, '--leader-elect-resource-name') ?? MANAGED_BY };
}
