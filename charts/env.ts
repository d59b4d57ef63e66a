// Environment of the container. Order of strength: env, config, the operator's own variables, envFrom.
import { k8s } from 'cdk8s-plus-28';
import type { ResolvedSpec } from './api/spec.ts';
import { configFile, hasConfig } from './config-map.ts';
import { inOrder } from './env-order.ts';
import { canonicalQuantity } from './api/quantity.ts';
import { VARIABLE_NAME } from './api/text-rules.ts';
import { configMapNameOf, type ResolvedServer } from './server.ts';
import { bridgeVariables } from './stdio-bridge.ts';
import { cacheVariables } from './stdio-cache.ts';

type UserVariable = NonNullable<ResolvedSpec['env']>[number];
type UserSource = NonNullable<UserVariable['valueFrom']>;

/** Variables by name; the operator's come first, so that the user's may refer to them with `$(NAME)`. */
export function environment(server: ResolvedServer): k8s.EnvVar[] {
  const own = [...bridgeVariables(server), ...ownVariables(server), ...cacheVariables(server.spec)];
  return inOrder([...own, ...configVariables(server), ...userVariables(server)]);
}

/** `envFrom` of the container; undefined when there is none. */
export function environmentSources({ spec }: ResolvedServer): k8s.EnvFromSource[] | undefined {
  return spec.envFrom?.length ? (spec.envFrom as k8s.EnvFromSource[]) : undefined;
}

function ownVariables(server: ResolvedServer): k8s.EnvVar[] {
  const { name, spec } = server;
  if (spec.operatorEnv === 'Omit') return [];
  return [
    { name: 'MCP_TRANSPORT', value: spec.transport },
    ...(spec.transport === 'stdio' ? [] : [{ name: 'MCP_PORT', value: String(spec.port) }]),
    { name: 'MCP_SERVER_NAME', value: name },
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ...(hasConfig(server) ? [{ name: 'MCP_CONFIG_FILE', value: configFile(server) }] : []),
  ];
}

function configVariables(server: ResolvedServer): k8s.EnvVar[] {
  return Object.keys(server.spec.config ?? {})
    .filter((key) => VARIABLE_NAME.test(key))
    .toSorted()
    .map((key) => ({ name: key, valueFrom: { configMapKeyRef: { name: configMapNameOf(server), key } } }));
}

function userVariables({ spec }: ResolvedServer): k8s.EnvVar[] {
  return (spec.env ?? []).map(({ name, value, valueFrom }) => ({
    name,
    // An empty value is the same as none, and the shape the API server keeps.
    ...(value !== undefined && value !== '' && { value }),
    ...(valueFrom !== undefined && { valueFrom: variableSource(valueFrom) }),
  }));
}

function variableSource({ resourceFieldRef, ...source }: UserSource): k8s.EnvVarSource {
  if (resourceFieldRef === undefined) return source as k8s.EnvVarSource;
  const { divisor, ...rest } = resourceFieldRef;
  const quantity = divisor === undefined ? {} : { divisor: k8s.Quantity.fromString(canonicalQuantity(divisor)) };
  return { resourceFieldRef: { ...rest, ...quantity } as k8s.ResourceFieldSelector };
}
