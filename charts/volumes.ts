// Volumes of the pod: a bounded writable /tmp, and the configuration.
import { k8s } from 'cdk8s-plus-28';
import { CONFIG_MOUNT_PATH, hasConfig } from './config-map.ts';
import { configMapName } from './labels.ts';
import type { ResolvedServer } from './server.ts';

const TMP = 'tmp';
const CONFIG = 'config';
/** Bound of /tmp; writing more evicts the pod, not its neighbours. */
const TMP_SIZE_LIMIT = '128Mi';

/** Volumes of the pod. */
export function volumes(server: ResolvedServer): k8s.Volume[] {
  return [
    { name: TMP, emptyDir: { sizeLimit: k8s.Quantity.fromString(TMP_SIZE_LIMIT) } },
    ...(hasConfig(server) ? [{ name: CONFIG, configMap: { name: configMapName(server.name) } }] : []),
  ];
}

/** Where the container sees them. */
export function volumeMounts(server: ResolvedServer): k8s.VolumeMount[] {
  return [
    { name: TMP, mountPath: '/tmp' },
    ...(hasConfig(server) ? [{ name: CONFIG, mountPath: CONFIG_MOUNT_PATH, readOnly: true }] : []),
  ];
}
