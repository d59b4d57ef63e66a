// Volumes of the pod: a bounded writable /tmp, the configuration, and the user's files and storage.
import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-28';
import { CONFIG_MOUNT_PATH, hasConfig } from './config-map.ts';
import { configMapName } from './api/labels.ts';
import { canonicalQuantity } from './api/quantity.ts';
import type { ResolvedServer } from './server.ts';

/** Bound of /tmp; writing more evicts the pod, not its neighbours. */
const TMP_SIZE_LIMIT = '128Mi';

/** A volume and where the container sees it. */
interface Mount {
  readonly volume: k8s.Volume;
  readonly mountPath: string;
  readonly readOnly?: true;
}

/** Volumes of the pod. */
export function volumes(server: ResolvedServer): k8s.Volume[] {
  return mounts(server).map(({ volume }) => volume);
}

/** Where the container sees them. */
export function volumeMounts(server: ResolvedServer): k8s.VolumeMount[] {
  return mounts(server).map(({ volume, mountPath, readOnly }) => ({ name: volume.name, mountPath, ...(readOnly && { readOnly }) }));
}

function mounts(server: ResolvedServer): Mount[] {
  const config = { name: 'config', configMap: { name: configMapName(server.name) } };
  return [
    { volume: { name: 'tmp', emptyDir: emptyDir(TMP_SIZE_LIMIT) }, mountPath: '/tmp' },
    ...(hasConfig(server) ? [{ volume: config, mountPath: CONFIG_MOUNT_PATH, readOnly: true } as const] : []),
    ...fileMounts(server),
    ...storageMounts(server),
  ];
}

function fileMounts({ spec }: ResolvedServer): Mount[] {
  return (spec.files ?? []).map(({ mountPath, secret, configMap }) => {
    const items = (source: typeof secret): { items?: k8s.KeyToPath[] } => (source?.items ? { items: source.items } : {});
    const source = secret
      ? { secret: { secretName: secret.name, ...items(secret) } }
      : { configMap: { name: configMap?.name ?? '', ...items(configMap) } };
    return { volume: { name: volumeName('files', mountPath), ...source }, mountPath, readOnly: true };
  });
}

function storageMounts({ spec }: ResolvedServer): Mount[] {
  return (spec.storage ?? []).map(({ mountPath, emptyDir: folder, persistentVolumeClaim }) => {
    const source = folder
      ? { emptyDir: emptyDir(folder.sizeLimit) }
      : { persistentVolumeClaim: { claimName: persistentVolumeClaim?.claimName ?? '' } };
    return { volume: { name: volumeName('storage', mountPath), ...source }, mountPath };
  });
}

function emptyDir(sizeLimit: string | number): k8s.EmptyDirVolumeSource {
  return { sizeLimit: k8s.Quantity.fromString(canonicalQuantity(sizeLimit)) };
}

/** A name that follows from the path, so that reordering a list changes no volume. */
function volumeName(kind: string, mountPath: string): string {
  return `${kind}-${createHash('sha256').update(mountPath).digest('hex').slice(0, 8)}`;
}
