// Lists of a pod template whose items Kubernetes tells apart by fields of theirs, by the name of the list: no name stands for two.
import { isFields } from './open-values.ts';

/** How the items of a list are told apart. */
export interface ItemKey {
  /** The field by which a strategic merge knows an item (`x-kubernetes-patch-merge-key`); undefined: it replaces the list. */
  readonly merge: string | undefined;
  /** The fields that no two items may have in common (`x-kubernetes-list-map-keys`). */
  readonly unique: readonly string[];
}

const by = (merge: string, ...further: readonly string[]): ItemKey => ({ merge, unique: [merge, ...further] });

/** Every such list. */
export const ITEM_KEYS: ReadonlyMap<string, ItemKey> = new Map([
  ['claims', { merge: undefined, unique: ['name'] }],
  ['containers', by('name')],
  ['env', by('name')],
  ['ephemeralContainers', by('name')],
  ['hostAliases', by('ip')],
  ['imagePullSecrets', by('name')],
  ['initContainers', by('name')],
  ['ownerReferences', by('uid')],
  ['ports', by('containerPort', 'protocol')],
  ['resourceClaims', by('name')],
  ['schedulingGates', by('name')],
  ['topologySpreadConstraints', by('topologyKey', 'whenUnsatisfiable')],
  ['volumeDevices', by('devicePath')],
  ['volumeMounts', by('mountPath')],
  ['volumes', by('name')],
]);

/** Names of maps of a pod template, but for one. */
export const FREE_MAPS: ReadonlySet<string> = new Set([
  'annotations', 'labels', 'limits', 'matchLabels', 'nodeSelector', 'overhead', 'requests', 'userAnnotations', 'volumeAttributes',
]);

/** Whether a field of a pod template is a map, whose keys are the user's and mean no fields; `options` are one of a driver, and a list of `dnsConfig`. */
export function isFreeMap(field: string, value: unknown): boolean {
  return FREE_MAPS.has(field) || (field === 'options' && isFields(value));
}
