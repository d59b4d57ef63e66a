// The ConfigMap of `spec.config`, and the hash that rolls the pods when it changes.
import { createHash } from 'node:crypto';
import type { k8s } from 'cdk8s-plus-28';
import { CONFIG_FILE_KEY } from './api/rules.ts';
import { CONFIG_MOUNT_PATH } from './api/volume-rules.ts';
import { configMapNameOf, objectMetadata, type ResolvedServer } from './server.ts';

/** Where the configuration is mounted in the container. */
export function configMountPath({ spec }: ResolvedServer): string {
  return spec.configAs?.mountPath ?? CONFIG_MOUNT_PATH;
}

/** The file that holds all of it. */
export function configFile(server: ResolvedServer): string {
  return `${configMountPath(server)}/${CONFIG_FILE_KEY}`;
}

/** Whether the server has any configuration. */
export function hasConfig({ spec }: ResolvedServer): boolean {
  return Object.keys(spec.config ?? {}).length > 0;
}

/** Props of the ConfigMap; undefined without configuration. */
export function configMap(server: ResolvedServer): k8s.KubeConfigMapProps | undefined {
  return hasConfig(server) ? { metadata: objectMetadata(server, { name: configMapNameOf(server) }), data: configData(server) } : undefined;
}

/** Data of the ConfigMap: every key as it is, and all of them as one JSON object with sorted keys. */
export function configData({ spec }: ResolvedServer): Record<string, string> {
  const sorted = Object.fromEntries(Object.entries(spec.config ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return { ...sorted, [CONFIG_FILE_KEY]: `${JSON.stringify(sorted, undefined, 2)}\n` };
}

/** Hash of the configuration: 16 hexadecimal digits of SHA-256. */
export function configHash(server: ResolvedServer): string {
  return createHash('sha256').update(configData(server)[CONFIG_FILE_KEY] ?? '').digest('hex').slice(0, 16);
}
