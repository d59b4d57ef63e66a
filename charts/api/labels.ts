// Names and labels of everything rendered for an MCPServer: a contract with installed clusters.
import { GROUP } from './group.ts';
import type { Transport } from './spec.ts';

/** Value of `app.kubernetes.io/name` on everything rendered. */
export const APP_NAME = 'mcp-server';
/** Value of `app.kubernetes.io/managed-by`. */
export const MANAGED_BY = 'mcp-operator';
/** Labels of the operator's own objects, its pods and its namespace: network policies know it by them. */
export const OPERATOR_LABELS = { 'app.kubernetes.io/name': MANAGED_BY, 'app.kubernetes.io/component': 'operator' };
/** Namespace of the operator, unless something else is said. */
export const OPERATOR_NAMESPACE = 'mcp-operator-system';
/** Labels the operator sets on every pod, besides those with the API group as prefix. */
export const RESERVED_LABELS: readonly string[] =
  [...['name', 'instance', 'component', 'managed-by'].map((name) => `app.kubernetes.io/${name}`), 'example.com/transport'];
/** Name of the server's container. */
export const CONTAINER_NAME = 'mcp-server';
/** Name of the container and Service port MCP is served on. */
export const PORT_NAME = 'mcp';
/** Name of the port of a stdio server's bridge that the kubelet asks. It is in no Service. */
export const HEALTH_PORT_NAME = 'health';
/** Name of the container and the volume by which the bridge comes into the pod of a stdio server. */
export const BRIDGE_NAME = 'stdio-bridge';
/** Folder of the bridge. */
export const BRIDGE_PATH = '/stdio-bridge';
/** Name of the volume with the caches of a stdio server that npx or uvx starts. */
export const CACHE_NAME = 'stdio-cache';
/** Folder of these caches. */
export const CACHE_PATH = '/stdio-cache';
/** Label that carries the MCPServer's name. */
export const SERVER_LABEL = `${GROUP}/server`;
/** Annotation on the pod template with a hash of the configuration a pod reads at start. */
export const CONFIG_HASH_ANNOTATION = `${GROUP}/config-hash`;

/**
 * The pod selector of a server. It never changes for a name: a Deployment's selector is immutable, so nothing that
 * a spec edit or a GitOps tool rewrites may be in it.
 */
export function selectorLabels(name: string): Record<string, string> {
  return { 'app.kubernetes.io/name': APP_NAME, [SERVER_LABEL]: name };
}

/** Labels of every rendered object and of the pods. */
export function commonLabels(name: string, transport: Transport): Record<string, string> {
  return {
    ...selectorLabels(name),
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/component': 'server',
    'app.kubernetes.io/managed-by': MANAGED_BY,
    'example.com/transport': transport,
  };
}

/** Name of the ConfigMap that holds `spec.config`. */
export function configMapName(name: string): string {
  return `${name}-config`;
}
