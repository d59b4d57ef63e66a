// The objects of a server as plain manifests: byte for byte what the construct's level-1 objects become in a chart, without a tree of
// constructs, the validation of an App, and the look for tokens in every value, which cost four times as much. A property test keeps both equal.
import { k8s } from 'cdk8s-plus-28';
import { horizontalPodAutoscaler } from './autoscaling.ts';
import { configMap } from './config-map.ts';
import { deployment } from './deployment.ts';
import { podDisruptionBudget } from './disruption.ts';
import { networkPolicy } from './network-policy.ts';
import { withNewerFields } from './newer-fields.ts';
import { withOpenFields } from './open-fields.ts';
import type { ResolvedServer } from './server.ts';
import { serviceAccount } from './service-account.ts';
import { service } from './service.ts';
import { peersService } from './stdio-bridge.ts';

/** Every value is taken for what it is: level 1 reads amounts, and numbers or names, from objects of their own. */
const UNIONS = [k8s.Quantity, k8s.IntOrString];

/** The manifests, in the order in which the construct makes them. @throws Error for a value that is none of JSON's. */
export function manifestsOf(server: ResolvedServer): object[] {
  const props = deployment(server);
  const manifests = [
    written(serviceAccount(server), k8s.KubeServiceAccount),
    written(configMap(server), k8s.KubeConfigMap),
    written(networkPolicy(server), k8s.KubeNetworkPolicy),
    written(service(server), k8s.KubeService),
    written(peersService(server), k8s.KubeService),
    withOpenFields(withNewerFields(k8s.KubeDeployment.manifest(tidy(props)), props), server.spec),
    written(podDisruptionBudget(server), k8s.KubePodDisruptionBudget),
    written(horizontalPodAutoscaler(server), k8s.KubeHorizontalPodAutoscalerV2),
  ];
  return manifests.filter((manifest) => manifest !== undefined);
}

/** A level-1 class, which knows how its props are written. */
interface LevelOne<Props> {
  manifest(props: Props): object;
}

function written<Props>(props: Props | undefined, type: LevelOne<Props>): object | undefined {
  return props === undefined ? undefined : type.manifest(tidy(props));
}

/** As a chart has it before level 1 writes it: keys in order, and nothing that is null. */
function tidy<T>(value: T): T {
  return tidied(value) as T;
}

function tidied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  if (Array.isArray(value)) return value.map(tidied);
  if (UNIONS.some((union) => value instanceof union)) return value;
  if (value.constructor !== Object) throw new Error('it has a field named constructor, or is no plain object');
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(value).toSorted()) {
    const field = tidied((value as Readonly<Record<string, unknown>>)[key]);
    if (field !== undefined) fields[key] = field;
  }
  return fields;
}
