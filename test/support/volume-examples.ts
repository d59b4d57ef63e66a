// Accepted and rejected values of files, storage and configAs; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';
import type { RuleExamples } from './rule-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const NAME: FieldExamples = { accepted: ['a', '1.b-c'], rejected: ['', 'A', 'a_b', long(254)] };
const MOUNT_PATH: FieldExamples = { accepted: ['/a', '/a/b-c_1.d', '/etc/mcp/more'], rejected: ['', 'a', '/', '/a/', '//a', '/a:b', '/a b', '/ä', `/${long(1024)}`] };
const ITEMS: FieldExamples = {
  accepted: [[{ key: 'k', path: 'p' }], [{ key: 'k', path: 'p' }, { key: 'l', path: 'q' }]],
  rejected: [[], [{ key: 'k', path: 'p' }, { key: 'k', path: 'q' }], [{ key: 'k' }], numbered(65, (index) => ({ key: `k${index}`, path: 'p' }))],
};
const KEY: FieldExamples = { accepted: ['a', '.A_b-9'], rejected: ['', 'a b', long(254)] };
const PATH: FieldExamples = { accepted: ['a', '.a/b/c.d'], rejected: ['', '/a', '../a', 'a/../b', 'a/', 'a b', '..a'] };
const MODE: FieldExamples = { accepted: [0o400, 0o777, 0], rejected: [-1, 0o1000, '0400', 1.5] };
const BOOLEAN: FieldExamples = { accepted: [true, false], rejected: ['true', 1] };
const QUANTITY: FieldExamples = { accepted: ['1Gi', 1000], rejected: ['-1', 'x', ''] };
const TEXT: FieldExamples = { accepted: ['a', long(63)], rejected: ['', long(64), 1] };

const named = (path: string): Examples => ({
  [`${path}.name`]: NAME,
  [`${path}.items`]: ITEMS,
  [`${path}.items[].key`]: KEY,
  [`${path}.items[].path`]: PATH,
  [`${path}.items[].mode`]: MODE,
  [`${path}.optional`]: BOOLEAN,
});

const PROJECTED = 'files[].projected';
const SOURCE = `${PROJECTED}.sources[]`;
const TOKEN = { serviceAccountToken: { path: 'token' } };
const NAME_FIELD = { path: 'name', fieldRef: { fieldPath: 'metadata.name' } };
const MEMORY_FIELD = { path: 'memory', resourceFieldRef: { resource: 'limits.memory' } };
const NAMED_FIELD = { files: [{ mountPath: '/a', projected: { sources: [{ downwardAPI: { items: [NAME_FIELD] } }] } }] };
const TEMPLATE = 'storage[].ephemeral.volumeClaimTemplate';
const CLAIM = { spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } } };

/** Examples by path. */
export const VOLUME_EXAMPLES: Examples = {
  files: {
    accepted: [
      [{ mountPath: '/a', secret: { name: 'a' } }],
      [
        { mountPath: '/a', secret: { name: 'a' } },
        { mountPath: '/b', configMap: { name: 'a' } },
      ],
      [],
    ],
    rejected: [
      [{ mountPath: '/a', secret: { name: 'a' } }, { mountPath: '/a', configMap: { name: 'a' } }],
      [{ secret: { name: 'a' } }],
      [{ mountPath: '/a', hostPath: { path: '/' } }],
      numbered(33, (index) => ({ mountPath: `/${index}`, secret: { name: 'a' } })),
    ],
  },
  'files[].mountPath': { ...MOUNT_PATH, base: { files: [{ secret: { name: 'a' } }] as never } },
  'files[].volume': { accepted: ['a', '1-b'], rejected: ['', 'A', 'a.b', 'a_b', '-a', long(64)], base: { files: [{ mountPath: '/a', secret: { name: 'a' } }] } },
  'files[].subPath': { ...PATH, base: { files: [{ mountPath: '/a', secret: { name: 'a' } }] } },
  ...named('files[].secret'),
  'files[].secret.defaultMode': MODE,
  ...named('files[].configMap'),
  'files[].configMap.defaultMode': MODE,
  [`${PROJECTED}.sources`]: {
    accepted: [[TOKEN], [TOKEN, { secret: { name: 'a' } }, { configMap: { name: 'a' } }, { downwardAPI: { items: [NAME_FIELD] } }]],
    rejected: [[], [{ clusterTrustBundle: { path: 'a' } }], numbered(17, () => TOKEN)],
  },
  [`${PROJECTED}.defaultMode`]: { ...MODE, base: { files: [{ mountPath: '/a', projected: { sources: [TOKEN] } }] } },
  ...named(`${SOURCE}.secret`),
  ...named(`${SOURCE}.configMap`),
  [`${SOURCE}.downwardAPI.items`]: {
    accepted: [[NAME_FIELD], [NAME_FIELD, MEMORY_FIELD]],
    rejected: [[], [NAME_FIELD, NAME_FIELD], [{ path: 'a', value: 'b' }]],
  },
  [`${SOURCE}.downwardAPI.items[].path`]: { ...PATH, base: NAMED_FIELD },
  [`${SOURCE}.downwardAPI.items[].mode`]: { ...MODE, base: NAMED_FIELD },
  [`${SOURCE}.downwardAPI.items[].fieldRef.apiVersion`]: { accepted: ['v1', 'v2'], rejected: ['', long(254)] },
  [`${SOURCE}.downwardAPI.items[].fieldRef.fieldPath`]: { accepted: ['metadata.name', 'metadata.uid'], rejected: ['', long(254)] },
  [`${SOURCE}.downwardAPI.items[].resourceFieldRef.containerName`]: TEXT,
  [`${SOURCE}.downwardAPI.items[].resourceFieldRef.resource`]: { accepted: ['limits.memory', 'requests.cpu'], rejected: ['', long(254)] },
  [`${SOURCE}.downwardAPI.items[].resourceFieldRef.divisor`]: { accepted: ['1Mi', '1'], rejected: ['-1', 'x'] },
  [`${SOURCE}.serviceAccountToken.path`]: PATH,
  [`${SOURCE}.serviceAccountToken.audience`]: { accepted: ['vault', 'https://sts.example.com'], rejected: ['', long(1025)] },
  [`${SOURCE}.serviceAccountToken.expirationSeconds`]: { accepted: [600, 86_400], rejected: [599, 4_294_967_297, '3600'] },
  'files[].csi.driver': { accepted: ['secrets-store.csi.k8s.io', 'csi.cert-manager.io'], rejected: ['', 'A', 'a/b', long(64)] },
  'files[].csi.fsType': TEXT,
  'files[].csi.volumeAttributes': {
    accepted: [{ secretProviderClass: 'vault' }, { 'csi.cert-manager.io/issuer-name': 'ca', b: '' }],
    rejected: [{ a: 1 }, { a: long(4097) }, Object.fromEntries(numbered(33, (index) => [`k${index}`, '']))],
  },
  'files[].csi.nodePublishSecretRef.name': NAME,
  storage: {
    accepted: [
      [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }],
      [
        { mountPath: '/a', emptyDir: { sizeLimit: 1 } },
        { mountPath: '/b', persistentVolumeClaim: { claimName: 'a' } },
        { mountPath: '/c', ephemeral: { volumeClaimTemplate: CLAIM } },
      ],
      [],
    ],
    rejected: [
      [{ mountPath: '/a', emptyDir: {} }],
      [{ mountPath: '/a' }],
      [{ mountPath: '/a', hostPath: { path: '/' } }],
      numbered(33, (index) => ({ mountPath: `/${index}`, emptyDir: { sizeLimit: 1 } })),
    ],
  },
  'storage[].mountPath': { ...MOUNT_PATH, base: { storage: [{ emptyDir: { sizeLimit: 1 } }] as never } },
  'storage[].volume': { accepted: ['a', '1-b'], rejected: ['', 'A', 'a.b', 'a_b', '-a', long(64)], base: { storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }] } },
  'storage[].subPath': { ...PATH, base: { storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }] } },
  'storage[].emptyDir.sizeLimit': QUANTITY,
  'storage[].emptyDir.medium': { accepted: ['Memory', null], rejected: ['', 'memory', 'HugePages'], base: { storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }] } },
  'storage[].persistentVolumeClaim.claimName': NAME,
  'storage[].persistentVolumeClaim.readOnly': { ...BOOLEAN, base: { storage: [{ mountPath: '/a', persistentVolumeClaim: { claimName: 'a' } }] } },
  [`${TEMPLATE}.metadata.labels`]: { accepted: [{ team: 'a' }, { 'example.com/b': '' }], rejected: [{ a: 1 }, { a: 'a b' }] },
  [`${TEMPLATE}.metadata.annotations`]: { accepted: [{ a: 'b' }, { a: 'ü\n' }], rejected: [{ a: 1 }] },
  [`${TEMPLATE}.spec.accessModes`]: { accepted: [['ReadWriteOnce'], ['ReadWriteMany', 'ReadOnlyMany']], rejected: [[], ['RWO'], 'ReadWriteOnce'] },
  [`${TEMPLATE}.spec.storageClassName`]: NAME,
  [`${TEMPLATE}.spec.resources.requests.storage`]: QUANTITY,
  'configAs.configMapName': { ...NAME, base: { config: { A: '1' } } },
  'configAs.mountPath': { accepted: ['/etc/app', '/config'], rejected: ['', 'a', '/', '//a', '/a:b', '/a b', '/ä'], base: { config: { A: '1' } } },
};

/** What parents need besides the field under test. */
export const VOLUME_REQUIRED: Readonly<Record<string, object>> = {
  'files[]': { mountPath: '/a' },
  'files[].secret': { name: 'a' },
  'files[].configMap': { name: 'a' },
  'files[].secret.items[]': { key: 'k', path: 'p' },
  'files[].configMap.items[]': { key: 'k', path: 'p' },
  [`${SOURCE}.secret`]: { name: 'a' },
  [`${SOURCE}.configMap`]: { name: 'a' },
  [`${SOURCE}.secret.items[]`]: { key: 'k', path: 'p' },
  [`${SOURCE}.configMap.items[]`]: { key: 'k', path: 'p' },
  [`${SOURCE}.downwardAPI.items[]`]: { path: 'p' },
  [`${SOURCE}.downwardAPI.items[].fieldRef`]: { fieldPath: 'metadata.name' },
  [`${SOURCE}.downwardAPI.items[].resourceFieldRef`]: { resource: 'limits.memory' },
  [`${SOURCE}.serviceAccountToken`]: { path: 'p' },
  'files[].csi': { driver: 'csi.example.com' },
  'storage[]': { mountPath: '/a' },
  [TEMPLATE]: CLAIM,
  [`${TEMPLATE}.spec`]: CLAIM.spec,
};

const SECRET = { mountPath: '/a', secret: { name: 'a' } };
const FOLDER = { mountPath: '/b', emptyDir: { sizeLimit: 1 } };
const withModes = (...accessModes: string[]): object =>
  ({ storage: [{ mountPath: '/a', ephemeral: { volumeClaimTemplate: { spec: { ...CLAIM.spec, accessModes } } } }] });
const withMetadata = (metadata: object): object =>
  ({ storage: [{ mountPath: '/a', ephemeral: { volumeClaimTemplate: { ...CLAIM, metadata } } }] });
const projected = (...sources: object[]): object => ({ files: [{ mountPath: '/a', projected: { sources } }] });

/** Examples by message of the rule. */
export const VOLUME_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'an item of files needs exactly one of secret, configMap, projected and csi': {
    accepted: [{ files: [SECRET, { mountPath: '/b', configMap: { name: 'a' } }, { mountPath: '/c', csi: { driver: 'a' } }] }],
    rejected: [
      { files: [{ mountPath: '/a' }] },
      { files: [{ mountPath: '/a', secret: { name: 'a' }, configMap: { name: 'a' } }] },
      { files: [{ mountPath: '/a', csi: { driver: 'a' }, projected: { sources: [TOKEN] } }] },
    ],
  },
  'a source of files[].projected needs exactly one of secret, configMap, downwardAPI and serviceAccountToken': {
    accepted: [projected(TOKEN, { secret: { name: 'a' } })],
    rejected: [projected({}), projected(TOKEN, { ...TOKEN, secret: { name: 'a' } })],
  },
  'an item of downwardAPI needs exactly one of fieldRef and resourceFieldRef': {
    accepted: [projected({ downwardAPI: { items: [NAME_FIELD, MEMORY_FIELD] } })],
    rejected: [
      projected({ downwardAPI: { items: [{ path: 'a' }] } }),
      projected(TOKEN, { downwardAPI: { items: [NAME_FIELD, { ...NAME_FIELD, ...MEMORY_FIELD }] } }),
    ],
  },
  'an item of storage needs exactly one of emptyDir, persistentVolumeClaim and ephemeral': {
    accepted: [{ storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }, { mountPath: '/b', ephemeral: { volumeClaimTemplate: CLAIM } }] }],
    rejected: [
      { storage: [{ mountPath: '/a' }] },
      { storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 }, persistentVolumeClaim: { claimName: 'a' } }] },
    ],
  },
  'a claim of which one pod is the only user has no other access mode beside ReadWriteOncePod: name either that one or the others': {
    accepted: [withModes('ReadWriteOncePod'), withModes('ReadWriteOnce', 'ReadOnlyMany')],
    rejected: [withModes('ReadWriteOncePod', 'ReadWriteOnce')],
  },
  'the keys of labels and annotations in volumeClaimTemplate must be valid, such as example.com/team': {
    accepted: [withMetadata({ labels: { 'example.com/team': 'a' }, annotations: { team: 'a' } })],
    rejected: [withMetadata({ labels: { 'a b': 'c' } }), withMetadata({ annotations: { '-a': 'c' } })],
  },
  'configAs says where config goes: set config and one of configMapName and mountPath, or remove configAs': {
    accepted: [{ config: { A: '1' }, configAs: { configMapName: 'a' } }, { config: { A: '1' }, configAs: { mountPath: '/a' } }],
    rejected: [{ configAs: { configMapName: 'a' } }, { config: {}, configAs: { mountPath: '/a' } }, { config: { A: '1' }, configAs: {} }],
  },
  'every mountPath of files and storage can be used once, /tmp is for storage alone, and config has /etc/mcp (or configAs.mountPath): choose another path': {
    accepted: [
      { files: [{ mountPath: '/a', secret: { name: 'a' } }], storage: [{ mountPath: '/a/b', emptyDir: { sizeLimit: 1 } }] },
      { config: { A: '1' }, configAs: { mountPath: '/a' }, files: [{ mountPath: '/etc/mcp', secret: { name: 'a' } }] },
      { config: {}, files: [{ mountPath: '/etc/mcp', secret: { name: 'a' } }] },
      { storage: [{ mountPath: '/tmp', emptyDir: { sizeLimit: 1 } }] },
    ],
    rejected: [
      { files: [{ mountPath: '/a', secret: { name: 'a' } }], storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }] },
      { config: { A: '1' }, files: [{ mountPath: '/etc/mcp', secret: { name: 'a' } }] },
      { files: [{ mountPath: '/tmp', secret: { name: 'a' } }] },
      { config: { A: '1' }, configAs: { mountPath: '/a' }, storage: [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }] },
      { config: { A: '1' }, configAs: { mountPath: '/tmp' } },
    ],
  },
  'every name in files[].volume and storage[].volume can be used once, and tmp and config are taken: choose another name': {
    accepted: [{ files: [{ ...SECRET, volume: 'a' }], storage: [{ ...FOLDER, volume: 'b' }] }],
    rejected: [
      { files: [{ mountPath: '/a', volume: 'tmp', secret: { name: 'a' } }] },
      { storage: [{ mountPath: '/b', volume: 'config', emptyDir: { sizeLimit: 1 } }] },
      { files: [{ mountPath: '/a', volume: 'a', secret: { name: 'a' } }, { mountPath: '/b', volume: 'a', secret: { name: 'a' } }] },
      { files: [{ ...SECRET, volume: 'a' }], storage: [{ ...FOLDER, volume: 'a' }] },
    ],
  },
};
