// Which MCPServers a stranger must not call: those whose pods can do something in the cluster or elsewhere. Pure.
import type { MCPServerSpec } from '../../../charts/api/spec.ts';

/** Whether pods of this spec are given credentials: a ServiceAccount that is not their own powerless one, its token, or a Secret. */
export function holdsCredentials(spec: MCPServerSpec): boolean {
  return spec.serviceAccount !== undefined || spec.automountServiceAccountToken === true || namesSecret(spec);
}

function namesSecret(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, each]) => /secret/i.test(key) || namesSecret(each));
}
