// Rules about files, storage and where the configuration goes: see rules.ts.
import { exactlyOneCel, hasExactlyOne } from './exactly-one.ts';
import { LABEL_KEY } from './scheduling-fields.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** Where the configuration is mounted unless configAs says otherwise. */
export const CONFIG_MOUNT_PATH = '/etc/mcp';
/** The writable folder every pod has. */
const TMP = '/tmp';

const SOURCES = ['secret', 'configMap', 'projected', 'csi'] as const;
const STORES = ['emptyDir', 'persistentVolumeClaim', 'ephemeral'] as const;
const PROJECTIONS = ['secret', 'configMap', 'downwardAPI', 'serviceAccountToken'] as const;
const FIELDS = ['fieldRef', 'resourceFieldRef'] as const;

const projectionsOf = ({ files = [] }: ResolvedSpec) => files.flatMap(({ projected }) => projected?.sources ?? []);

/** Whether there is a ConfigMap to mount. */
const hasConfig = ({ config = {} }: ResolvedSpec): boolean => Object.keys(config).length > 0;

const hasOneKindOfUser = (modes: readonly string[]): boolean => modes.length === 1 || !modes.includes('ReadWriteOncePod');

const claimKeysCel = (map: string): string => {
  const at = `s.ephemeral.volumeClaimTemplate.metadata.${map}`;
  return `(!has(${at}) || ${at}.all(k, k.matches(r'${LABEL_KEY.source}')))`;
};
const hasValidKeys = ({ labels = {}, annotations = {} }: { labels?: object | undefined; annotations?: object | undefined } = {}): boolean =>
  Object.keys({ ...labels, ...annotations }).every((key) => LABEL_KEY.test(key));

/** Where the ConfigMap is mounted; undefined without one. */
function configPath(spec: ResolvedSpec): string | undefined {
  return hasConfig(spec) ? (spec.configAs?.mountPath ?? CONFIG_MOUNT_PATH) : undefined;
}

/** One at /tmp is meant instead of the folder that is there otherwise. */
function mountPathsAreFree(spec: ResolvedSpec): boolean {
  const { files = [], storage = [] } = spec;
  const readOnly = [...files.map(({ mountPath }) => mountPath), configPath(spec)].filter((path) => path !== undefined);
  const paths = [...readOnly, ...storage.map(({ mountPath }) => mountPath)];
  return new Set(paths).size === paths.length && !readOnly.includes(TMP);
}

const CONFIG_PATH_CEL = `(has(self.config) && self.config.size() > 0 ? (has(self.configAs) && has(self.configAs.mountPath) ? self.configAs.mountPath : '${CONFIG_MOUNT_PATH}') : '')`;

/** Names of the volumes that are rendered unasked. */
const OWN_VOLUMES = ['tmp', 'config'];

function volumeNamesAreFree(spec: ResolvedSpec): boolean {
  const names = [...(spec.files ?? []), ...(spec.storage ?? [])].flatMap(({ volume }) => volume ?? []);
  return new Set([...names, ...OWN_VOLUMES]).size === names.length + OWN_VOLUMES.length;
}

const namedCel = (list: string, own: string): string =>
  `(!has(self.${list}) || self.${list}.all(f, !has(f.volume) || (!(f.volume in [${OWN_VOLUMES.map((name) => `'${name}'`).join(', ')}]) && self.${list}.exists_one(g, has(g.volume) && g.volume == f.volume)${own})))`;

export const VOLUME_RULES: readonly SpecRule[] = [
  {
    field: 'files',
    cel: `!has(self.files) || self.files.all(f, ${exactlyOneCel('f', SOURCES)})`,
    message: 'an item of files needs exactly one of secret, configMap, projected and csi',
    holds: ({ files = [] }) => files.every((file) => hasExactlyOne(file, SOURCES)),
  },
  {
    field: 'files',
    cel: `!has(self.files) || self.files.all(f, !has(f.projected) || f.projected.sources.all(s, ${exactlyOneCel('s', PROJECTIONS)}))`,
    message: 'a source of files[].projected needs exactly one of secret, configMap, downwardAPI and serviceAccountToken',
    holds: (spec) => projectionsOf(spec).every((source) => hasExactlyOne(source, PROJECTIONS)),
  },
  {
    field: 'files',
    cel: '!has(self.files) || self.files.all(f, !has(f.projected) || f.projected.sources.all(s, !has(s.downwardAPI) || s.downwardAPI.items.all(i, has(i.fieldRef) != has(i.resourceFieldRef))))',
    message: 'an item of downwardAPI needs exactly one of fieldRef and resourceFieldRef',
    holds: (spec) =>
      projectionsOf(spec)
        .flatMap(({ downwardAPI }) => downwardAPI?.items ?? [])
        .every((item) => hasExactlyOne(item, FIELDS)),
  },
  {
    field: 'storage',
    cel: `!has(self.storage) || self.storage.all(s, ${exactlyOneCel('s', STORES)})`,
    message: 'an item of storage needs exactly one of emptyDir, persistentVolumeClaim and ephemeral',
    holds: ({ storage = [] }) => storage.every((folder) => hasExactlyOne(folder, STORES)),
  },
  {
    field: 'storage',
    cel: "!has(self.storage) || self.storage.all(s, !has(s.ephemeral) || s.ephemeral.volumeClaimTemplate.spec.accessModes.size() == 1 || !('ReadWriteOncePod' in s.ephemeral.volumeClaimTemplate.spec.accessModes))",
    message: 'a claim of which one pod is the only user has no other access mode beside ReadWriteOncePod: name either that one or the others',
    holds: ({ storage = [] }) => storage.every(({ ephemeral }) => hasOneKindOfUser(ephemeral?.volumeClaimTemplate.spec.accessModes ?? [])),
  },
  {
    field: 'storage',
    cel: `!has(self.storage) || self.storage.all(s, !has(s.ephemeral) || !has(s.ephemeral.volumeClaimTemplate.metadata) || (${['labels', 'annotations'].map(claimKeysCel).join(' && ')}))`,
    message: 'the keys of labels and annotations in volumeClaimTemplate must be valid, such as example.com/team',
    holds: ({ storage = [] }) => storage.every(({ ephemeral }) => hasValidKeys(ephemeral?.volumeClaimTemplate.metadata)),
  },
  {
    field: 'files',
    cel: `${namedCel('files', ' && (!has(self.storage) || !self.storage.exists(g, has(g.volume) && g.volume == f.volume))')} && ${namedCel('storage', '')}`,
    message: 'every name in files[].volume and storage[].volume can be used once, and tmp and config are taken: choose another name',
    holds: volumeNamesAreFree,
  },
  {
    field: 'configAs',
    cel: '!has(self.configAs) || ((has(self.configAs.configMapName) || has(self.configAs.mountPath)) && has(self.config) && self.config.size() > 0)',
    message: 'configAs says where config goes: set config and one of configMapName and mountPath, or remove configAs',
    holds: (spec) => spec.configAs === undefined || (hasConfig(spec) && Object.keys(spec.configAs).length > 0),
  },
  {
    field: 'files',
    cel: [
      `(!has(self.files) || self.files.all(f, !(f.mountPath in ['${TMP}', ${CONFIG_PATH_CEL}]) && (!has(self.storage) || !self.storage.exists(s, s.mountPath == f.mountPath))))`,
      `(!has(self.storage) || self.storage.all(s, s.mountPath != ${CONFIG_PATH_CEL}))`,
      `${CONFIG_PATH_CEL} != '${TMP}'`,
    ].join(' && '),
    message: 'every mountPath of files and storage can be used once, /tmp is for storage alone, and config has /etc/mcp (or configAs.mountPath): choose another path',
    holds: mountPathsAreFree,
  },
];
