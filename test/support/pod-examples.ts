// Accepted and rejected values of probes and disruption; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const PORT: FieldExamples = { accepted: [1, 'mcp', 65_535], rejected: [0, 65_536, '', 'A', 'a_b', long(16)] };
const TEXT: FieldExamples = { accepted: ['a', long(253)], rejected: ['', long(254), 1] };
const SECONDS: FieldExamples = { accepted: [1, 86_400], rejected: [0, 86_401, '1', 1.5] };
const TIMES: FieldExamples = { accepted: [2, 1000], rejected: [0, 1001] };
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
  ...probe('startup'),
  ...probe('readiness'),
  ...probe('liveness'),
  'disruption.mode': { accepted: ['Default', 'None'], rejected: ['none', ''], base: { replicas: 2 } },
  'disruption.minAvailable': PODS,
  'disruption.maxUnavailable': PODS,
};

/** What parents need besides the field under test. */
export const POD_REQUIRED: Readonly<Record<string, object>> = Object.fromEntries(
  ['startup', 'readiness', 'liveness'].flatMap((name) => [
    [`probes.${name}.httpGet`, { port: 'mcp' }],
    [`probes.${name}.httpGet.httpHeaders[]`, { name: 'A', value: '1' }],
    [`probes.${name}.tcpSocket`, { port: 'mcp' }],
    [`probes.${name}.grpc`, { port: 1 }],
  ]),
);
