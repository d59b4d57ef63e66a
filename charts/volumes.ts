// Volumes of the pod: a bounded writable /tmp, the configuration, the user's files and storage, and the bridge of a stdio server.
import { createHash } from 'node:crypto';
import { k8s } from 'cdk8s-plus-28';
import { configMountPath, hasConfig } from './config-map.ts';
import { BRIDGE_PATH, CACHE_PATH, CONTAINER_NAME } from './api/labels.ts';
import { canonicalQuantity } from './api/quantity.ts';
import type { ResolvedSpec } from './api/spec.ts';
import { configMapNameOf, isBridged, type ResolvedServer } from './server.ts';
import { bridgeVolume } from './stdio-bridge.ts';
import { cacheVolume } from './stdio-cache.ts';

type File = NonNullable<ResolvedSpec['files']>[number];
type Folder = NonNullable<ResolvedSpec['storage']>[number];
type Projection = NonNullable<File['projected']>['sources'][number];

const TMP = 'tmp';
const TMP_PATH = '/tmp';
/** Bound of /tmp; writing more evicts the pod, not its neighbours. */
const TMP_SIZE_LIMIT = '128Mi';

/** A volume and where the container sees it. */
interface Mount {
  readonly volume: k8s.Volume;
  readonly mountPath: string;
  readonly subPath?: string | undefined;
  readonly readOnly?: boolean | undefined;
}

/** Volumes of the pod. */
export function volumes(server: ResolvedServer): k8s.Volume[] {
  const all = mounts(server).map(({ volume }) => volume);
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}

/** Where the container sees them. */
export function volumeMounts(server: ResolvedServer): k8s.VolumeMount[] {
  return mounts(server).map(({ volume, mountPath, subPath, readOnly }) => ({
    name: volume.name, mountPath, ...(subPath !== undefined && { subPath }), ...(readOnly === true && { readOnly }),
  }));
}

function mounts(server: ResolvedServer): Mount[] {
  const { files = [], storage = [] } = server.spec;
  const cache = cacheVolume(server.spec);
  const config = { name: 'config', configMap: { name: configMapNameOf(server) } };
  const tmp = { volume: { name: TMP, emptyDir: { sizeLimit: quantity(TMP_SIZE_LIMIT) } }, mountPath: TMP_PATH };
  return [
    ...(storage.some(({ mountPath }) => mountPath === TMP_PATH) ? [] : [tmp]),
    ...(hasConfig(server) ? [{ volume: config, mountPath: configMountPath(server), readOnly: true }] : []),
    ...files.map((file): Mount => ({ volume: { name: volumeName('files', file), ...fileSource(file) }, ...whereOf(file), readOnly: true })),
    ...storage.map((folder) => storageMount(folder, storage)),
    ...(isBridged(server.spec) ? [{ volume: bridgeVolume(server), mountPath: BRIDGE_PATH, readOnly: true }] : []),
    ...(cache === undefined ? [] : [{ volume: cache, mountPath: CACHE_PATH }]),
  ];
}

/** Parts of one claim are parts of one volume: a pod with two volumes of the same claim may wait for the second for ever. */
function storageMount(folder: Folder, all: readonly Folder[]): Mount {
  const claimName = folder.persistentVolumeClaim?.claimName;
  const same = all.filter(({ persistentVolumeClaim: claim }) => claim !== undefined && claim.claimName === claimName);
  const hasParts = same.some(({ subPath }) => subPath !== undefined);
  const parts = hasParts ? same.toSorted((a, b) => (a.mountPath < b.mountPath ? -1 : 1)) : [folder];
  const [first = folder] = [...parts.filter(({ volume }) => volume !== undefined), ...parts];
  const readOnly = parts.every(({ persistentVolumeClaim: claim }) => claim?.readOnly === true);
  const name = parts.length === 1 && folder.mountPath === TMP_PATH ? (folder.volume ?? TMP) : volumeName('storage', first);
  return { volume: { name, ...folderSource(folder, readOnly) }, ...whereOf(folder), readOnly: folder.persistentVolumeClaim?.readOnly };
}

function whereOf({ mountPath, subPath }: File | Folder): Pick<Mount, 'mountPath' | 'subPath'> {
  return { mountPath, subPath };
}

function fileSource({ secret, configMap, projected, csi }: File): Omit<k8s.Volume, 'name'> {
  if (secret !== undefined) {
    const { name: secretName, ...source } = secret;
    return { secret: { secretName, ...source } as k8s.SecretVolumeSource };
  }
  if (csi !== undefined) {
    const { volumeAttributes, ...source } = csi;
    return { csi: { ...source, ...(isFilled(volumeAttributes) && { volumeAttributes }), readOnly: true } as k8s.CsiVolumeSource };
  }
  if (projected === undefined) return { configMap: configMap as k8s.ConfigMapVolumeSource };
  return { projected: { ...projected, sources: projected.sources.map(projection) } as k8s.ProjectedVolumeSource };
}

/** Pods ask for the name of the container whose resources are meant; variables do not. */
function projection({ downwardAPI, ...source }: Projection): k8s.VolumeProjection {
  if (downwardAPI === undefined) return source as k8s.VolumeProjection;
  const items = downwardAPI.items.map(({ resourceFieldRef: resource, ...item }) => {
    if (resource === undefined) return item;
    const { divisor, containerName = CONTAINER_NAME } = resource;
    return { ...item, resourceFieldRef: { ...resource, containerName, ...(divisor !== undefined && { divisor: quantity(divisor) }) } };
  });
  return { downwardApi: { items: items as k8s.DownwardApiVolumeFile[] } };
}

function folderSource({ emptyDir, persistentVolumeClaim, ephemeral }: Folder, readOnly: boolean): Omit<k8s.Volume, 'name'> {
  if (emptyDir !== undefined) return { emptyDir: { ...emptyDir, sizeLimit: quantity(emptyDir.sizeLimit) } as k8s.EmptyDirVolumeSource };
  if (ephemeral === undefined) {
    return { persistentVolumeClaim: { claimName: persistentVolumeClaim?.claimName ?? '', ...(readOnly && { readOnly }) } };
  }
  const { metadata: { labels, annotations } = {}, spec } = ephemeral.volumeClaimTemplate;
  const metadata = { ...(isFilled(labels) && { labels }), ...(isFilled(annotations) && { annotations }) };
  const resources = { requests: { storage: quantity(spec.resources.requests.storage) } };
  const template = { ...(isFilled(metadata) && { metadata }), spec: { ...spec, resources } };
  return { ephemeral: { volumeClaimTemplate: template as k8s.PersistentVolumeClaimTemplate } };
}

function isFilled(map: object | undefined): boolean {
  return map !== undefined && Object.keys(map).length > 0;
}

function quantity(value: string | number): k8s.Quantity {
  return k8s.Quantity.fromString(canonicalQuantity(value));
}

/** The user's name for it, or one that follows from the path, so that reordering a list changes no volume. */
function volumeName(kind: string, { mountPath, volume }: File | Folder): string {
  return volume ?? `${kind}-${createHash('sha256').update(mountPath).digest('hex').slice(0, 8)}`;
}
