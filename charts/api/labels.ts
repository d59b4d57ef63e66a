// Names and labels of everything rendered for an MCPServer: a contract with installed clusters.
import { GROUP } from './group.ts';
import type { Transport } from './spec.ts';

/** Value of `app.kubernetes.io/name` on everything rendered. */
export const APP_NAME = 'mcp-server';
/** Value of `app.kubernetes.io/managed-by`. */
export const MANAGED_BY = 'mcp-operator';
/** Labels of the operator's own objects, its pods and its namespace: network policies know it by them. */
export const OPERATOR_LABELS = { 'app.kubernetes.io/name': MANAGED_BY, 'app.kubernetes.io/component': 'operator' };
/** Labels the operator sets on every pod, besides those with the API group as prefix. */
export const RESERVED_LABELS: readonly string[] =
  [...['name', 'instance', 'component', 'managed-by'].map((name) => `app.kubernetes.io/${name}`), 'example.com/transport'];
/** Name of the server's container. */
export const CONTAINER_NAME = 'mcp-server';
/** Name of the container and Service port MCP is served on. */
export const PORT_NAME = 'mcp';
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
