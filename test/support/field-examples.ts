// Accepted and rejected values of every field of the spec, by path. The same table is tried on the schema and on the
// real API server; a field without an entry fails a test.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MINIMAL } from './rendered.ts';
import { NETWORK_EXAMPLES, NETWORK_REQUIRED } from './network-examples.ts';
import { OPEN_EXAMPLES } from './open-examples.ts';
import { POD_EXAMPLES, POD_REQUIRED } from './pod-examples.ts';
import { SCALING_EXAMPLES, SCALING_REQUIRED } from './scaling-examples.ts';
import { SCHEDULING_EXAMPLES, SCHEDULING_REQUIRED } from './scheduling-examples.ts';
import { withField } from './spec-schema.ts';
import { STDIO_FIELD_EXAMPLES } from './stdio-examples.ts';
import { VOLUME_EXAMPLES, VOLUME_REQUIRED } from './volume-examples.ts';
import { WORKLOAD_EXAMPLES, WORKLOAD_REQUIRED } from './workload-examples.ts';

/** Values of one field. The first two accepted ones mean different things, so they must render differently. */
export interface FieldExamples {
  readonly accepted: readonly [unknown, unknown, ...unknown[]];
  readonly rejected: readonly [unknown, ...unknown[]];
  /** What rules in code alone reject. */
  readonly rejectedInCode?: readonly unknown[];
  /** What else the spec must say for the field to be allowed. */
  readonly base?: Partial<MCPServerSpec> | ((value: unknown) => Partial<MCPServerSpec>);
}

const long = (length: number): string => 'x'.repeat(length);
const many = (count: number): unknown[] => Array.from({ length: count }, (_, index) => ({ name: `n${index}` }));
const keys = (count: number): Record<string, string> => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, '1']));

const BOOLEAN: FieldExamples = { accepted: [true, false], rejected: ['true', 1] };
const TEXT: FieldExamples = { accepted: ['a', long(253)], rejected: ['', long(254), 1] };
const NAME: FieldExamples = { accepted: ['a', '1.b-c'], rejected: ['', 'A', 'a_b', '-a', 'a..b', 'a/b', long(254)] };
const KEY: FieldExamples = { accepted: ['a', '.A_b-9'], rejected: ['', 'a b', 'a/b', 'ä', long(254)] };
const ID: FieldExamples = { accepted: [1, 2_147_483_647], rejected: [-1, 2_147_483_648, '1', 1.5] };
const COMMAND: FieldExamples = {
  accepted: [['/bin/server', '--flag=a b'], ['']],
  rejected: [[], 'server', [1], Array.from({ length: 129 }, () => 'a'), [long(8193)]],
};
const CAPABILITIES: FieldExamples = {
  accepted: [['CHOWN'], ['KILL', 'CHOWN']],
  rejected: [[], [''], [long(65)], 'ALL', Array.from({ length: 65 }, () => 'A')],
};
const AMOUNTS: FieldExamples = {
  accepted: [{ cpu: '0.5' }, { cpu: 2, memory: '1.5Gi', 'ephemeral-storage': '1e9', 'example.com/device': 1 }, { memory: '.5Gi' }, { cpu: '+1e-3' }, { cpu: '1.' }, {}, keys(7)],
  rejected: [
    { cpu: '-1' },
    { cpu: 0.5 },
    { cpu: '' },
    { cpu: '.' },
    { cpu: '1 Gi' },
    { cpu: '1gi' },
    { cpu: '1e100' },
    { cpu: true },
    { cpu: '1'.repeat(33) },
    keys(8),
  ],
};

const IDENTITY: Readonly<Record<string, FieldExamples>> = {
  runAsUser: ID,
  runAsGroup: { ...ID, accepted: [0, 2_147_483_647] },
  runAsNonRoot: BOOLEAN,
  'seLinuxOptions.level': TEXT,
  'seLinuxOptions.role': TEXT,
  'seLinuxOptions.type': TEXT,
  'seLinuxOptions.user': TEXT,
  'seccompProfile.type': { accepted: ['RuntimeDefault', 'Unconfined'], rejected: ['runtimedefault', ''] },
  'seccompProfile.localhostProfile': TEXT,
  'windowsOptions.gmsaCredentialSpec': { accepted: ['a', long(8192)], rejected: ['', long(8193)] },
  'windowsOptions.gmsaCredentialSpecName': TEXT,
  'windowsOptions.hostProcess': BOOLEAN,
  'windowsOptions.runAsUserName': TEXT,
};
const identityOf = (context: string): Record<string, FieldExamples> =>
  Object.fromEntries(Object.entries(IDENTITY).map(([name, examples]) => [`${context}.${name}`, examples]));

/** What a parent needs besides the field under test. */
const REQUIRED: Readonly<Record<string, object>> = {
  'env[]': { name: 'A' },
  'initContainers[]': { image: 'a' },
  'sidecars[]': { image: 'a' },
  'env[].valueFrom.fieldRef': { fieldPath: 'metadata.name' },
  'env[].valueFrom.resourceFieldRef': { resource: 'limits.memory' },
  'env[].valueFrom.configMapKeyRef': { name: 'a', key: 'k' },
  'env[].valueFrom.secretKeyRef': { name: 'a', key: 'k' },
  'envFrom[].configMapRef': { name: 'a' },
  'envFrom[].secretRef': { name: 'a' },
  'securityContext.seccompProfile': { type: 'Localhost' },
  'podSecurityContext.seccompProfile': { type: 'Localhost' },
  'podSecurityContext.sysctls[]': { name: 'a', value: 'b' },
  ...SCHEDULING_REQUIRED,
  ...SCALING_REQUIRED,
  ...POD_REQUIRED,
  ...NETWORK_REQUIRED,
  ...VOLUME_REQUIRED,
  ...WORKLOAD_REQUIRED,
};

/** Examples by path: every field that is not only a parent of other fields. */
export const FIELD_EXAMPLES: Readonly<Record<string, FieldExamples>> = {
  image: { accepted: ['a', `registry.example.com:5000/a/b@sha256:${'0'.repeat(64)}`], rejected: ['', 'a b', ' a', 'a\n', 'a\u00A0b', 'ä', long(1025), 1] },
  imagePullPolicy: { accepted: ['Always', 'Never', 'IfNotPresent'], rejected: ['always', ''] },
  imagePullSecrets: {
    accepted: [[{ name: 'a' }], [{ name: 'a' }, { name: 'b' }], []],
    rejected: [[{ name: 'a' }, { name: 'a' }], ['a'], [{}], many(17)],
  },
  'imagePullSecrets[].name': NAME,
  command: COMMAND,
  args: COMMAND,
  transport: { accepted: ['http', 'streamable-http', 'stdio'], rejected: ['sse', 'HTTP', ''], base: { command: ['/bin/server'] } },
  port: { accepted: [1, 65_535], rejected: [0, 65_536, -1, '8080', 80.5] },
  path: { accepted: ['/', '/a/b-c_%20.d~!$&\'()*+,;=:@'], rejected: ['', 'mcp', '/a b', '/a\u00A0b', '/a?b', '/a#b', `/${long(1024)}`] },
  replicas: { accepted: [0, 1000], rejected: [-1, 1001, '1', 1.5] },
  config: { accepted: [{ A: '1' }, { 'a.b-c_D': '', B: 'ü\n' }, {}], rejected: [{ A: 1 }, { A: true }, keys(257), { A: long(262_145) }, ['A']] },
  env: {
    accepted: [[{ name: 'A', value: '1' }], [{ name: 'A', value: '1' }, { name: 'B' }], []],
    rejected: [[{ name: 'A' }, { name: 'A' }], [{ value: '1' }], { A: '1' }, many(257)],
  },
  'env[].name': { accepted: ['A', '1.a-b', '$(x)'], rejected: ['', 'A=B', 'a b', 'ä', long(254)] },
  'env[].value': { accepted: ['a', 'ü\n', '', '😀'.repeat(20_000)], rejected: [1, true, long(32_769)] },
  'env[].valueFrom.fieldRef.apiVersion': TEXT,
  'env[].valueFrom.fieldRef.fieldPath': TEXT,
  'env[].valueFrom.resourceFieldRef.containerName': { accepted: ['a', long(63)], rejected: ['', long(64)] },
  'env[].valueFrom.resourceFieldRef.resource': TEXT,
  'env[].valueFrom.resourceFieldRef.divisor': { accepted: ['1Mi', '1', 1], rejected: ['-1', 'x', 0.5] },
  'env[].valueFrom.configMapKeyRef.name': NAME,
  'env[].valueFrom.configMapKeyRef.key': KEY,
  'env[].valueFrom.configMapKeyRef.optional': BOOLEAN,
  'env[].valueFrom.secretKeyRef.name': NAME,
  'env[].valueFrom.secretKeyRef.key': KEY,
  'env[].valueFrom.secretKeyRef.optional': BOOLEAN,
  envFrom: {
    accepted: [[{ secretRef: { name: 'a' } }], [{ secretRef: { name: 'a' } }, { secretRef: { name: 'a' } }], []],
    rejected: [{}, [{ secretRef: 'a' }], Array.from({ length: 65 }, () => ({ secretRef: { name: 'a' } }))],
  },
  'envFrom[].prefix': { ...TEXT, base: { envFrom: [{ secretRef: { name: 'a' } }] } },
  'envFrom[].configMapRef.name': NAME,
  'envFrom[].configMapRef.optional': BOOLEAN,
  'envFrom[].secretRef.name': NAME,
  'envFrom[].secretRef.optional': BOOLEAN,
  'resources.requests': AMOUNTS,
  'resources.limits': AMOUNTS,
  securityProfile: {
    accepted: ['ImageUser', 'None', 'Restricted'],
    rejected: ['restricted', ''],
    // What these say themselves does not depend on the profile.
    base: { securityContext: undefined, podSecurityContext: undefined },
  },
  ...identityOf('securityContext'),
  'securityContext.allowPrivilegeEscalation': BOOLEAN,
  'securityContext.capabilities.add': CAPABILITIES,
  'securityContext.capabilities.drop': CAPABILITIES,
  'securityContext.privileged': BOOLEAN,
  'securityContext.procMount': { accepted: ['Default', 'Unmasked'], rejected: ['default'] },
  'securityContext.readOnlyRootFilesystem': BOOLEAN,
  ...identityOf('podSecurityContext'),
  'podSecurityContext.fsGroup': { ...ID, accepted: [0, 2_147_483_647] },
  'podSecurityContext.fsGroupChangePolicy': { accepted: ['Always', 'OnRootMismatch'], rejected: ['Never'] },
  'podSecurityContext.supplementalGroups': { accepted: [[0], [1, 2_147_483_647]], rejected: [[], [-1], ['1'], Array.from({ length: 33 }, () => 1)] },
  'podSecurityContext.sysctls': {
    accepted: [[{ name: 'a', value: '1' }], [{ name: 'a', value: '1' }, { name: 'b', value: '1' }]],
    rejected: [[], [{ name: 'a' }], [{ name: 'a', value: '1' }, { name: 'a', value: '2' }]],
  },
  'podSecurityContext.sysctls[].name': TEXT,
  'podSecurityContext.sysctls[].value': TEXT,
  serviceAccount: NAME,
  automountServiceAccountToken: BOOLEAN,
  ...POD_EXAMPLES,
  ...STDIO_FIELD_EXAMPLES,
  ...VOLUME_EXAMPLES,
  ...WORKLOAD_EXAMPLES,
  ...NETWORK_EXAMPLES,
  ...SCHEDULING_EXAMPLES,
  ...SCALING_EXAMPLES,
  ...OPEN_EXAMPLES,
  terminationGracePeriodSeconds: { accepted: [6, 3600], rejected: [-1, 3601, '30'] },
  lastWords: { accepted: ['Hide', 'Show'], rejected: ['hide', '', true] },
  drainSeconds: { accepted: [0, 1], rejected: [-1, 61, '5'] },
  'tls.caBundleRef.name': NAME,
  'tls.caBundleRef.key': { ...KEY, base: { tls: { caBundleRef: { name: 'a' } } } },
  'verification.credentialsSecretRef.name': { ...NAME, base: { verification: { credentialsSecretRef: { name: 'a', key: 'k' } } } },
  'verification.credentialsSecretRef.key': { ...KEY, base: { verification: { credentialsSecretRef: { name: 'a', key: 'k' } } } },
  'verification.header': { accepted: ['X-Api-Key', 'Authorization'], rejected: ['', 'a b', 'a:', long(129)], base: { verification: { credentialsSecretRef: { name: 'a', key: 'k' } } } },
  'verification.mode': { accepted: ['Observe', 'Off', 'Require'], rejected: ['off', ''] },
  'verification.intervalSeconds': { accepted: [10, 86_400], rejected: [9, 86_401, '60'] },
  'verification.timeoutSeconds': { accepted: [1, 60], rejected: [0, 61, '10'] },
  suspend: BOOLEAN,
  deletionPolicy: { accepted: ['Orphan', 'Delete'], rejected: ['Retain', 'orphan', ''] },
  onReferenceChange: { accepted: ['Ignore', 'Restart'], rejected: ['Rollout', 'restart', ''] },
};

/** Fields that change no rendered byte: `path` and `tls` are in the endpoint's URL, a pods target has one type only, the others steer what the operator does. */
export const NOT_RENDERED: readonly string[] = [
  'path', 'autoscaling.metrics[].pods.target.type', 'suspend', 'deletionPolicy', 'onReferenceChange',
  ...Object.keys(FIELD_EXAMPLES).filter((path) => /^(tls|verification)\./.test(path)),
];

/** A spec with `value` in the field at `path`, valid if the value is. */
export function specWith(path: string, value: unknown, base: object = MINIMAL): Record<string, unknown> {
  const more = FIELD_EXAMPLES[path]?.base;
  return withField({ ...base, ...(typeof more === 'function' ? more(value) : more) }, path, { value, required: REQUIRED });
}

/** Every field with each of its examples as `[path, spec]`. */
export function exampleSpecs(verdict: 'accepted' | 'rejected'): [path: string, spec: Record<string, unknown>][] {
  return Object.entries(FIELD_EXAMPLES).flatMap(([path, examples]) =>
    examples[verdict].map((value): [string, Record<string, unknown>] => [path, specWith(path, value)]),
  );
}
