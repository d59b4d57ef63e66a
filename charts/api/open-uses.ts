// Where the open fields name Secrets and ConfigMaps, use by use. What cannot be the name of one is nobody's.
import { objectName } from './fields.ts';
import { itemsAt, textAt, valueAt } from './open-values.ts';
import type { ResolvedSpec } from './spec.ts';
import type { ReferenceKind, Use } from './uses.ts';

/** Names that stand for an object in the namespace. */
const NAME = objectName();
/** Volumes whose driver, or the kubelet, is handed a Secret: by the path of its name. */
const DRIVER_SECRETS = [
  'csi.nodePublishSecretRef.name', 'azureFile.secretName', 'cephfs.secretRef.name', 'cinder.secretRef.name', 'flexVolume.secretRef.name',
  'iscsi.secretRef.name', 'rbd.secretRef.name', 'scaleIO.secretRef.name', 'storageos.secretRef.name',
];

interface Source {
  readonly kind: ReferenceKind;
  /** The object that names it. */
  readonly value: unknown;
  /** The path of the name in there. */
  readonly name: string;
}

/** Every use, in the order of the fields. */
export function openUses({ initContainers, sidecars, podTemplate }: ResolvedSpec): Use[] {
  return [
    ...containerUses(initContainers, 'spec.initContainers'),
    ...containerUses(sidecars, 'spec.sidecars'),
    ...containerUses(valueAt(podTemplate, 'spec.initContainers'), 'spec.podTemplate.spec.initContainers'),
    ...containerUses(valueAt(podTemplate, 'spec.containers'), 'spec.podTemplate.spec.containers'),
    ...itemsAt(podTemplate, 'spec.imagePullSecrets').flatMap((value, index) =>
      use({ kind: 'Secret', value, name: 'name' }, { field: `spec.podTemplate.spec.imagePullSecrets[${index}]`, keys: [] })),
    ...itemsAt(podTemplate, 'spec.volumes').flatMap((volume, index) => volumeUses(volume, `spec.podTemplate.spec.volumes[${index}]`)),
  ];
}

/** Names of the claims that volumes of `podTemplate` mount. */
export function openClaims({ podTemplate }: ResolvedSpec): string[] {
  return itemsAt(podTemplate, 'spec.volumes').flatMap((volume) => textAt(volume, 'persistentVolumeClaim.claimName') ?? []);
}

function containerUses(containers: unknown, at: string): Use[] {
  return itemsAt({ containers }, 'containers').flatMap((container, index) => [
    ...itemsAt(container, 'env').flatMap((variable, place) => variableUses(variable, `${at}[${index}].env[${place}]`)),
    ...itemsAt(container, 'envFrom').flatMap((source, place) => {
      const field = `${at}[${index}].envFrom[${place}]`;
      return [
        ...use({ kind: 'Secret', value: valueAt(source, 'secretRef'), name: 'name' }, { field, keys: 'all' }),
        ...use({ kind: 'ConfigMap', value: valueAt(source, 'configMapRef'), name: 'name' }, { field, keys: 'all' }),
      ];
    }),
  ]);
}

function variableUses(variable: unknown, field: string): Use[] {
  return ([['Secret', 'secretKeyRef'], ['ConfigMap', 'configMapKeyRef']] as const).flatMap(([kind, source]) => {
    const value = valueAt(variable, `valueFrom.${source}`);
    const key = textAt(value, 'key');
    return key === undefined ? [] : use({ kind, value, name: 'name' }, { field, keys: [key] });
  });
}

function volumeUses(volume: unknown, field: string): Use[] {
  const [secret, configMap] = ['secret', 'configMap'].map((kind) => valueAt(volume, kind));
  return [
    ...use({ kind: 'Secret', value: secret, name: 'secretName' }, { field, keys: keysOf(secret) }),
    ...use({ kind: 'ConfigMap', value: configMap, name: 'name' }, { field, keys: keysOf(configMap) }),
    ...itemsAt(volume, 'projected.sources').flatMap((source) =>
      ([['Secret', 'secret'], ['ConfigMap', 'configMap']] as const).flatMap(([kind, type]) => {
        const value = valueAt(source, type);
        return use({ kind, value, name: 'name' }, { field, keys: keysOf(value) });
      })),
    ...DRIVER_SECRETS.flatMap((name) => use({ kind: 'Secret', value: volume, name }, { field, keys: [] })),
  ];
}

/** The keys that become files. */
function keysOf(source: unknown): Use['keys'] {
  const items = itemsAt(source, 'items');
  return items.length === 0 ? 'all' : items.flatMap((item) => textAt(item, 'key') ?? []);
}

function use({ kind, value, name: path }: Source, { field, keys }: Pick<Use, 'field' | 'keys'>): Use[] {
  const name = textAt(value, path);
  if (name === undefined || !NAME.safeParse(name).success) return [];
  return [{ kind, name, field, keys, ...(valueAt(value, 'optional') === true && { optional: true }) }];
}
