// The ServiceAccount of an MCPServer that names none: without permissions and without a mounted token.
import type { k8s } from 'cdk8s-plus-28';
import { objectMetadata, type ResolvedServer } from './server.ts';

/** Name of the ServiceAccount the pods run as. */
export function serviceAccountName({ name, spec }: ResolvedServer): string {
  return spec.serviceAccount ?? name;
}

/** Props of the own ServiceAccount; undefined when the spec names one. */
export function serviceAccount(server: ResolvedServer): k8s.KubeServiceAccountProps | undefined {
  if (server.spec.serviceAccount !== undefined) return undefined;
  return { metadata: objectMetadata(server, { of: 'serviceAccount' }), automountServiceAccountToken: false };
}
