// Accepted and rejected values of ports, Service and network policy; see field-examples.ts.
import type { FieldExamples } from './field-examples.ts';
import type { RuleExamples } from './rule-examples.ts';

type Examples = Readonly<Record<string, FieldExamples>>;

const long = (length: number): string => 'x'.repeat(length);
const numbered = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));

const METRICS = { name: 'metrics', port: 9090 };
const HEALTH = { name: 'health', port: 8081 };

/** Examples by path. */
export const NETWORK_EXAMPLES: Examples = {
  extraPorts: {
    accepted: [[METRICS], [METRICS, HEALTH], []],
    rejected: [[METRICS, { ...METRICS, port: 9091 }], [{ name: 'metrics' }], [{ port: 9090 }], METRICS, numbered(17, (index) => ({ name: `n${index}`, port: index + 1 }))],
  },
  'extraPorts[].name': { accepted: ['a', '1-2a-b', long(15)], rejected: ['', '1', '1-2', '-a', 'a-', 'a--b', 'A', 'a_b', 'a.b', long(16), 1] },
  'extraPorts[].port': { accepted: [1, 65_535], rejected: [0, 65_536, '9090', 1.5] },
};

/** What parents need besides the field under test. */
export const NETWORK_REQUIRED: Readonly<Record<string, object>> = {
  'extraPorts[]': METRICS,
};

/** Examples by message of the rule. */
export const NETWORK_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'a stdio server has no Service and no ports: remove extraPorts or choose an HTTP transport': {
    accepted: [{ transport: 'http', extraPorts: [METRICS] }, { transport: 'stdio', extraPorts: [] }],
    rejected: [{ transport: 'stdio', extraPorts: [METRICS] }],
  },
  'the port name mcp is taken: spec.port has it; choose another name': {
    accepted: [{ extraPorts: [{ ...METRICS, name: 'mcp2' }] }],
    rejected: [{ extraPorts: [METRICS, { name: 'mcp', port: 1 }] }],
  },
  'every port number of extraPorts can be used once, and spec.port is taken: choose another number': {
    accepted: [{ extraPorts: [METRICS, HEALTH] }, { port: 9000, extraPorts: [{ ...METRICS, port: 8080 }] }],
    rejected: [{ extraPorts: [METRICS, { ...METRICS, name: 'other' }] }, { extraPorts: [{ ...METRICS, port: 8080 }] }, { port: 9090, extraPorts: [METRICS] }],
  },
};
