// Accepted and rejected values of probes, files, storage and disruption; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const PORT: FieldExamples = { accepted: [1, 'mcp', 65_535], rejected: [0, 65_536, '', 'A', 'a_b', long(16)] };
const TEXT: FieldExamples = { accepted: ['a', long(253)], rejected: ['', long(254), 1] };
const SECONDS: FieldExamples = { accepted: [1, 86_400], rejected: [0, 86_401, '1', 1.5] };
const TIMES: FieldExamples = { accepted: [2, 1000], rejected: [0, 1001] };
const NAME: FieldExamples = { accepted: ['a', '1.b-c'], rejected: ['', 'A', 'a_b', long(254)] };
const MOUNT_PATH: FieldExamples = { accepted: ['/a', '/a/b-c_1.d', '/etc/mcp/more'], rejected: ['', 'a', '/', '/a/', '//a', '/a:b', '/a b', '/ä', `/${long(1024)}`] };
const ITEMS: FieldExamples = {
  accepted: [[{ key: 'k', path: 'p' }], [{ key: 'k', path: 'p' }, { key: 'l', path: 'q' }]],
  rejected: [[], [{ key: 'k', path: 'p' }, { key: 'k', path: 'q' }], [{ key: 'k' }], numbered(65, (index) => ({ key: `k${index}`, path: 'p' }))],
};
const KEY: FieldExamples = { accepted: ['a', '.A_b-9'], rejected: ['', 'a b', long(254)] };
const PATH: FieldExamples = { accepted: ['a', '.a/b/c.d'], rejected: ['', '/a', '../a', 'a/../b', 'a/', 'a b', '..a'] };
const PODS: FieldExamples = { accepted: [1, '50%', 0, '100%'], rejected: [-1, 1001, '101%', '50', 'a', ''], base: { disruption: { mode: 'Custom' } } };

function probe(name: 'startup' | 'readiness' | 'liveness'): Examples {
  const path = `probes.${name}`;
  const base = { probes: { [name]: { tcpSocket: { port: 'mcp' } } } };
  return {
    [`${path}.httpGet.path`]: { accepted: ['/', 'a'], rejected: ['', `/${long(1024)}`] },
    [`${path}.httpGet.port`]: PORT,
    [`${path}.httpGet.host`]: TEXT,
    [`${path}.httpGet.scheme`]: { accepted: ['HTTPS', 'HTTP'], rejected: ['https'] },
    [`${path}.httpGet.httpHeaders`]: {
      accepted: [[{ name: 'A', value: '1' }], [{ name: 'A', value: '1' }, { name: 'A', value: '2' }]],
      rejected: [[], [{ name: 'A' }], numbered(17, () => ({ name: 'A', value: '1' }))],
    },
    [`${path}.httpGet.httpHeaders[].name`]: { accepted: ['A', 'x-B-1'], rejected: ['', 'a b', 'a_b', long(254)] },
    [`${path}.httpGet.httpHeaders[].value`]: { accepted: ['a', 'a b'], rejected: ['', long(1025)] },
    [`${path}.tcpSocket.port`]: PORT,
    [`${path}.tcpSocket.host`]: TEXT,
    [`${path}.grpc.port`]: { accepted: [1, 65_535], rejected: [0, 65_536, 'mcp'] },
    [`${path}.grpc.service`]: TEXT,
    [`${path}.exec.command`]: { accepted: [['a'], ['a', '']], rejected: [[], 'a', [long(8193)], numbered(129, () => 'a')] },
    [`${path}.initialDelaySeconds`]: { ...SECONDS, rejected: [-1, 86_401], base },
    [`${path}.periodSeconds`]: { ...SECONDS, base },
    [`${path}.timeoutSeconds`]: { ...SECONDS, base },
    ...(name === 'readiness'
      ? { [`${path}.successThreshold`]: { ...TIMES, base } }
      : { [`${path}.successThreshold`]: { accepted: [1, null], rejected: [0, 2], base } }),
    [`${path}.failureThreshold`]: { ...TIMES, base },
    ...(name !== 'readiness' && { [`${path}.terminationGracePeriodSeconds`]: { ...SECONDS, base } }),
  };
}

/** Examples by path. */
export const POD_EXAMPLES: Examples = {
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
      numbered(33, (index) => ({ mountPath: `/${index}`, secret: { name: 'a' } })),
    ],
  },
  'files[].mountPath': { ...MOUNT_PATH, base: { files: [{ secret: { name: 'a' } }] as never } },
  'files[].secret.name': NAME,
  'files[].secret.items': ITEMS,
  'files[].secret.items[].key': KEY,
  'files[].secret.items[].path': PATH,
  'files[].configMap.name': NAME,
  'files[].configMap.items': ITEMS,
  'files[].configMap.items[].key': KEY,
  'files[].configMap.items[].path': PATH,
  storage: {
    accepted: [
      [{ mountPath: '/a', emptyDir: { sizeLimit: 1 } }],
      [
        { mountPath: '/a', emptyDir: { sizeLimit: 1 } },
        { mountPath: '/b', persistentVolumeClaim: { claimName: 'a' } },
      ],
      [],
    ],
    rejected: [
      [{ mountPath: '/a', emptyDir: {} }],
      [{ mountPath: '/a' }],
      numbered(33, (index) => ({ mountPath: `/${index}`, emptyDir: { sizeLimit: 1 } })),
    ],
  },
  'storage[].mountPath': { ...MOUNT_PATH, base: { storage: [{ emptyDir: { sizeLimit: 1 } }] as never } },
  'storage[].emptyDir.sizeLimit': { accepted: ['1Gi', 1000], rejected: ['-1', 'x', ''] },
  'storage[].persistentVolumeClaim.claimName': NAME,
  ...probe('startup'),
  ...probe('readiness'),
  ...probe('liveness'),
  'disruption.mode': { accepted: ['Default', 'None'], rejected: ['none', ''], base: { replicas: 2 } },
  'disruption.minAvailable': PODS,
  'disruption.maxUnavailable': PODS,
};

/** What parents need besides the field under test. */
export const POD_REQUIRED: Readonly<Record<string, object>> = {
  ...Object.fromEntries(
    ['startup', 'readiness', 'liveness'].flatMap((name) => [
      [`probes.${name}.httpGet`, { port: 'mcp' }],
      [`probes.${name}.httpGet.httpHeaders[]`, { name: 'A', value: '1' }],
      [`probes.${name}.tcpSocket`, { port: 'mcp' }],
      [`probes.${name}.grpc`, { port: 1 }],
    ]),
  ),
  'files[]': { mountPath: '/a' },
  'files[].secret': { name: 'a' },
  'files[].configMap': { name: 'a' },
  'files[].secret.items[]': { key: 'k', path: 'p' },
  'files[].configMap.items[]': { key: 'k', path: 'p' },
  'storage[]': { mountPath: '/a' },
};
