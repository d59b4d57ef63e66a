// Examples for the fields and rules of servers that speak stdio.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { FieldExamples } from './field-examples.ts';
import type { RuleExamples } from './rule-examples.ts';

const STDIO: Partial<MCPServerSpec> = { transport: 'stdio', command: ['server'] };
const TCP = { tcpSocket: { port: 'health' } };

/** Examples of fields, by path. */
export const STDIO_FIELD_EXAMPLES: Readonly<Record<string, FieldExamples>> = {
  'stdio.sessions': { accepted: ['Shared', 'PerSession'], rejected: ['shared', ''], base: STDIO },
  'stdio.maxSessions': { accepted: [1, 1000], rejected: [0, 1001, '6', 1.5], base: STDIO },
  'stdio.idleTimeoutSeconds': { accepted: [1, 604_800], rejected: [0, 604_801, '60'], base: STDIO },
  'stdio.warm': { accepted: [0, 100], rejected: [-1, 101, '1'], base: STDIO },
  'stdio.idleChildren': { accepted: ['End', 'Keep'], rejected: ['end', '', 'Stop'], base: STDIO },
  'stdio.startupSeconds': { accepted: [1, 3600], rejected: [0, 3601, '120'], base: STDIO },
  'stdio.cache.sizeLimit': { accepted: ['2Gi', '500M', 1000], rejected: ['-1Gi', 'x', ''], base: { ...STDIO, command: ['npx', 'a@1.0.0'] } },
  'stdio.bridge.image': {
    accepted: ['registry.example.com:5000/mcp/stdio-bridge:1', `a@sha256:${'0'.repeat(64)}`],
    rejected: ['', 'a b', 'a\u00A0b', 'ä', 'a'.repeat(1025), 1],
    base: STDIO,
  },
  'stdio.bridge.by': { accepted: ['ImageVolume', 'InitContainer'], rejected: ['Volume', 'initContainer', ''], base: STDIO },
};

/** Examples of rules, by message. */
export const STDIO_RULE_EXAMPLES: Readonly<Record<string, RuleExamples>> = {
  'a stdio server needs command: what its image starts cannot be seen from outside, and "docker inspect IMAGE" or "crane config IMAGE" show it as Entrypoint and Cmd': {
    accepted: [STDIO, { ...STDIO, args: ['--verbose'], replicas: 3, scaling: 'External' }, { transport: 'http' }],
    rejected: [{ transport: 'stdio' }, { transport: 'stdio', args: ['server'], replicas: 2 }, { transport: 'stdio', command: [''] }],
  },
  'stdio says how a server is served that speaks stdio: set transport to stdio, or remove stdio': {
    accepted: [{ ...STDIO, stdio: {} }],
    rejected: [{ stdio: {} }, { transport: 'http', stdio: { warm: 0 } }],
  },
  'the port name health is taken by the bridge of a stdio server: choose another name': {
    accepted: [{ ...STDIO, extraPorts: [{ name: 'metrics', port: 9090 }] }, { extraPorts: [{ name: 'health', port: 9090 }] }],
    rejected: [{ ...STDIO, extraPorts: [{ name: 'health', port: 9090 }] }],
  },
  'the volumes stdio-bridge and stdio-cache, the path /stdio-bridge and, but for storage, the path /stdio-cache are taken by the bridge of a stdio server: choose others': {
    accepted: [
      { ...STDIO, storage: [{ mountPath: '/stdio-bridge/data', volume: 'bridge', emptyDir: { sizeLimit: '1Mi' } }] },
      { ...STDIO, storage: [{ mountPath: '/stdio-cache', emptyDir: { sizeLimit: '1Mi' } }] },
      { files: [{ mountPath: '/stdio-bridge', secret: { name: 'a' } }, { mountPath: '/stdio-cache', secret: { name: 'a' } }] },
    ],
    rejected: [
      { ...STDIO, files: [{ mountPath: '/stdio-bridge', secret: { name: 'a' } }] },
      { ...STDIO, storage: [{ mountPath: '/data', volume: 'stdio-bridge', emptyDir: { sizeLimit: '1Mi' } }] },
      { ...STDIO, storage: [{ mountPath: '/data', volume: 'stdio-cache', emptyDir: { sizeLimit: '1Mi' } }] },
      { ...STDIO, files: [{ mountPath: '/stdio-cache', secret: { name: 'a' } }] },
      { ...STDIO, config: { A: '1' }, configAs: { mountPath: '/stdio-bridge' } },
      { ...STDIO, config: { A: '1' }, configAs: { mountPath: '/stdio-cache' } },
    ],
  },
  'the bridge that serves a stdio server speaks no TLS: remove tls or choose an HTTP transport': {
    accepted: [{ transport: 'http', tls: {} }],
    rejected: [{ ...STDIO, tls: {} }],
  },
  'a probe or postStart can name mcp or one of extraPorts (and health with transport stdio): use such a name, or the number of the port': {
    accepted: [
      { probes: { liveness: { tcpSocket: { port: 'mcp' } } } },
      { ...STDIO, probes: { liveness: TCP, readiness: { tcpSocket: { port: 'mcp' } } } },
      { extraPorts: [{ name: 'health', port: 9090 }], probes: { readiness: TCP } },
    ],
    rejected: [{ probes: { readiness: TCP } }, { transport: 'http', probes: { liveness: { tcpSocket: { port: 'metrics' } } } }],
  },
};
