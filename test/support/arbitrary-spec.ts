// Random valid MCPServer specs for property tests, made from the CRD's own schema: a new field is among them by itself. Said
// here is only where rules between fields, or pods, ask for more. What is made is accepted by the API server once rendered.
import * as fc from 'fast-check';
import { askedPath } from '../../charts/api/path-rules.ts';
import { LABEL_KEY } from '../../charts/api/scheduling-fields.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { arbitraryOf, arbitraryText, matching, type Further } from './arbitrary-schema.ts';
import { openArbitraries } from './arbitrary-open.ts';
import { repaired } from './repaired-spec.ts';
import { crd, type SchemaNode } from './spec-schema.ts';

const name = matching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/);
const word = matching(/^[a-z][a-z0-9_]{0,8}$/);
const dataKey = matching(/^[A-Za-z_][-._A-Za-z0-9]{0,8}$/);

/** Any spelling of an amount of at least one thousandth, up to some hundred gigabytes. */
export const arbitraryQuantity: fc.Arbitrary<string | number> = fc.oneof(
  fc.integer({ min: 1, max: 1_000_000 }),
  fc.tuple(fc.integer({ min: 1, max: 9999 }), fc.constantFrom('', 'm', 'k', 'M', 'Ki', 'Mi', 'e3', 'E2')).map(([n, suffix]) => `${n}${suffix}`),
  fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 1, max: 999 }), fc.constantFrom('', 'Gi', 'G', 'Ki'))
    .map(([n, fraction, suffix]) => `${n}.${fraction}${suffix}`),
);

/** Amounts of some resources. */
function amounts(more: Record<string, fc.Arbitrary<number>> = {}): fc.Arbitrary<unknown> {
  return fc.record({ cpu: arbitraryQuantity, memory: arbitraryQuantity, 'ephemeral-storage': arbitraryQuantity, ...more }, { requiredKeys: [] });
}

/** Where every quantity, key of a label and key of a ConfigMap is one that pods take, too. */
const BY_PATTERN: readonly [pattern: RegExp, fc.Arbitrary<unknown>][] = [
  [LABEL_KEY, matching(/^([a-z]{1,6}(\.[a-z]{1,4})?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,6}[A-Za-z0-9])?$/)],
  [/^[-._a-zA-Z0-9]+$/, dataKey],
];

/** Where pods, or rules, ask for more than the schema says. */
const BY_PATH: readonly [path: RegExp, fc.Arbitrary<unknown>][] = [
  [/^image$/, matching(/^[a-z]{1,8}(\/[a-z0-9]{1,8})?(:[a-z0-9.]{1,8})?$/)],
  [/^path$/, matching(/^\/[a-z0-9/._~%-]{0,12}$/).filter((path) => askedPath(path) === path)],
  [/^env\[\]\.name$/, fc.oneof(matching(/^[!-<>-~]{1,9}$/), dataKey, fc.constantFrom('MCP_PORT', 'POD_NAME', 'LOG_LEVEL', 'toString'))],
  [/(loadBalancerSourceRanges)\[\]$/, fc.constantFrom('10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32')],
  // Of the band from which clusters give none by themselves.
  [/nodePort$/, fc.integer({ min: 30_000, max: 30_009 })],
  [/(hostAliases\[\]\.ip|nameservers\[\])$/, fc.constantFrom('192.0.2.1', '192.0.2.2', '2001:db8::1', '::1')],
  [/searches\[\]$/, fc.constantFrom('example.com', 'a', '_b.c.', '.')],
  [/dnsConfig\.options\[\]\.(name|value)$|audience$|fsType$/, word],
  // None that others refer to: what is rendered is no reference.
  [/configMapName$/, fc.constantFrom('own-settings', 'own-config')],
  [/mountPath$/, matching(/^(\/[a-z][a-z0-9_.-]{0,5}){1,3}$/)],
  [/workingDir$/, matching(/^\/[a-z0-9_ -]{0,8}$/)],
  [/fieldRef\.apiVersion$/, fc.constant('v1')],
  [/downwardAPI\..*fieldPath$/, fc.constantFrom('metadata.name', 'metadata.labels', 'metadata.uid', "metadata.annotations['a']")],
  [/fieldPath$/, fc.constantFrom('metadata.name', 'metadata.uid', 'spec.nodeName', 'status.podIP', "metadata.labels['a']")],
  [/resourceFieldRef\.(containerName)$|containerResource\.container$/, fc.constant('mcp-server')],
  [/resourceFieldRef\.resource$/, fc.constantFrom('limits.memory', 'requests.memory')],
  [/divisor$/, fc.constantFrom(1, '1', '1k', '1Ki', '1024Ki', '1M')],
  [/^envFrom\[\]\.prefix$|\.host$|localhostProfile$|runAsUserName$|\.kind$|sysctls\[\]\.value$|seLinuxOptions\.\w+$/, word],
  [/^config$/, fc.dictionary(
    fc.oneof(dataKey, fc.constantFrom('a.txt', '1', '10', '9', 'LOG_LEVEL', 'MCP_SERVER_NAME', 'toString', 'hasOwnProperty')).filter((key) => key !== 'constructor'),
    fc.oneof(arbitraryText, fc.constant('')),
    { maxKeys: 6 },
  )],
  [/^resources\.requests$/, amounts()],
  [/^resources\.limits$/, amounts({ 'example.com/device': fc.integer({ min: 0, max: 8 }) })],
  [/requests\.storage$/, fc.constantFrom('1Gi', 1000, '0.5Ti')],
  [/sizeLimit$|averageValue$|target\.value$/, arbitraryQuantity],
  [/seccompProfile$/, fc.oneof(
    fc.record({ type: fc.constantFrom('RuntimeDefault', 'Unconfined') }),
    fc.record({ type: fc.constant('Localhost'), localhostProfile: word }),
  )],
  [/gmsaCredentialSpecName$|namespaces\[\]$|tolerations\[\]\.value$/, name],
  [/hostProcess$/, fc.constant(false)],
  [/procMount$/, fc.constant('Default')],
  [/capabilities\.\w+\[\]$/, fc.constantFrom('NET_BIND_SERVICE', 'SYS_ADMIN', 'CAP_SYS_ADMIN', 'CHOWN', 'NET_ADMIN', 'ALL')],
  [/sysctls\[\]\.name$/, fc.constantFrom('net.ipv4.tcp_syncookies', 'kernel.shm_rmid_forced')],
  [/(httpGet|tcpSocket)\.port$/, fc.oneof(fc.integer({ min: 1, max: 65_535 }), fc.constant('mcp'))],
  [/^probes\.(startup|liveness)\.successThreshold$/, fc.constant(1)],
  [/matchFields\[\]$/, fc.record({ key: fc.constant('metadata.name'), operator: fc.constantFrom('In', 'NotIn'), values: fc.tuple(name) })],
  [/describedObject\.apiVersion$/, fc.constantFrom('v1', 'networking.k8s.io/v1')],
  [/ipBlock$/, fc.oneof(
    fc.record({ cidr: fc.constantFrom('10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32') }),
    fc.record({ cidr: fc.constant('0.0.0.0/0'), except: fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '169.254.0.0/16'), { minLength: 1 }) }),
  )],
  [/^verification\.header$/, fc.constantFrom('Authorization', 'X-Api-Key')],
];

const only = (...fields: string[]): string[][] => fields.map((field) => [field]);
/** Fields that exclude each other; which type goes with them is repaired. */
const ALTERNATIVES: readonly [path: RegExp, readonly (readonly string[])[]][] = [
  [/^env\[\]$/, [['value'], ['valueFrom'], []]],
  [/valueFrom$/, only('fieldRef', 'resourceFieldRef', 'configMapKeyRef', 'secretKeyRef')],
  [/^envFrom\[\]$/, only('configMapRef', 'secretRef')],
  [/^files\[\]$/, only('secret', 'configMap', 'projected', 'csi')],
  [/projected\.sources\[\]$/, only('secret', 'configMap', 'downwardAPI', 'serviceAccountToken')],
  [/downwardAPI\.items\[\]$/, only('fieldRef', 'resourceFieldRef')],
  [/^storage\[\]$/, only('emptyDir', 'persistentVolumeClaim', 'ephemeral')],
  [/^postStart$/, only('exec', 'httpGet')],
  [/^probes\.\w+$/, only('httpGet', 'tcpSocket', 'grpc', 'exec')],
  [/^disruption$/, [['minAvailable'], ['maxUnavailable'], []]],
  [/^autoscaling\.metrics\[\]$/, only('resource', 'containerResource', 'pods', 'object', 'external')],
  [/(resource|containerResource)\.target$/, only('averageUtilization', 'averageValue')],
  [/(object|external)\.target$/, only('value', 'averageValue')],
  [/^networkPolicy\.\w+\[\]$/, [['ipBlock'], ['podSelector'], ['namespaceSelector'], ['podSelector', 'namespaceSelector']]],
];

const FURTHER: Further = {
  narrower: (path, { pattern }) =>
    BY_PATH.find(([each]) => each.test(path))?.[1] ?? BY_PATTERN.find(([each]) => each.source === pattern)?.[1],
  alternatives: (path) => ALTERNATIVES.find(([each]) => each.test(path))?.[1],
};

/** The schema says nothing of what stands in these. */
const OPEN_ARBITRARIES = openArbitraries(arbitraryQuantity);
const { properties = {} } = crd().spec.versions[0].schema.openAPIV3Schema.properties.spec;
const fieldArbitrary = ([field, node]: [string, SchemaNode]): [string, fc.Arbitrary<unknown>] => [field, arbitraryOf(node, field, FURTHER)];
const ARBITRARIES = { ...Object.fromEntries(Object.entries(properties).map(fieldArbitrary)), ...OPEN_ARBITRARIES };
/** The fields of a spec. */
export const SPEC_FIELDS = Object.keys(ARBITRARIES) as readonly (keyof MCPServerSpec)[];

/** A valid spec with any subset of fields; fields named in `without` are never set. */
export function arbitrarySpec(without: readonly (keyof MCPServerSpec)[] = []): fc.Arbitrary<MCPServerSpec> {
  const fields = Object.fromEntries(Object.entries(ARBITRARIES).filter(([field]) => !(without as string[]).includes(field)));
  const requiredKeys = 'image' in fields ? ['image'] : [];
  return (fc.record(fields, { requiredKeys }) as fc.Arbitrary<unknown> as fc.Arbitrary<MCPServerSpec>).map(repaired);
}

/** Values of one field that are valid by themselves. */
export function arbitraryField<Field extends keyof MCPServerSpec>(field: Field): fc.Arbitrary<NonNullable<MCPServerSpec[Field]>> {
  const values = ARBITRARIES[field] as fc.Arbitrary<MCPServerSpec[Field]>;
  return values.map((value) => repaired({ image: 'a', [field]: value })[field]).filter((value) => value !== undefined && value !== null);
}
