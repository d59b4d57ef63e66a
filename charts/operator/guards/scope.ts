// Where the limits of MCPServers apply.
import { celList } from './expressions.ts';
import type { Named } from './policy.ts';
import type { ResolvedGuards } from './props.ts';

/** Leaves the exempt namespaces alone. */
export function exceptNamespaces({ exemptNamespaces }: ResolvedGuards): Named[] {
  return exemptNamespaces.length === 0 ? [] : [{ name: 'not-exempt', expression: `!(request.namespace in ${celList(exemptNamespaces)})` }];
}

/** Where namespaces are named, others belong to other operators. */
export function withinNamespaces({ namespaces }: ResolvedGuards): Named[] {
  return Array.isArray(namespaces) ? [{ name: 'served', expression: `request.namespace in ${celList(namespaces as readonly string[])}` }] : [];
}
