// Accepted and rejected values of the open fields: what is refused by rules of ours, and pods as an API server takes them.
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import type { FieldExamples } from './field-examples.ts';

const containers = (count: number): object[] => Array.from({ length: count }, (_, index) => ({ name: `c${index}`, image: 'a' }));
const nested = (levels: number): object => (levels === 0 ? {} : { a: nested(levels - 1) });
const CONTAINERS: FieldExamples = {
  accepted: [[{ name: 'a', image: 'a' }], [{ name: 'b', image: 'b', resources: { limits: { cpu: '0.5' } } }], containers(16), []],
  rejected: ['a', { a: {} }, [null], ['a'], [{ image: 'a' }], containers(17), [{ name: 'a' }, { name: 'a' }]],
  rejectedInCode: [
    [{ name: 'a', image: null }], [{ name: 'mcp-server' }],
    [{ name: 'a', env: {} }], [{ name: 'a', env: [{ value: 'a' }] }], [{ name: 'a', env: [{ name: 'A' }, { name: 'A' }] }],
    [{ name: 'a', ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'TCP' }] }], [{ name: 'a', $patch: 'delete' }],
  ],
};
const NAMES: FieldExamples = { accepted: ['a', 'a1-b'], rejected: ['', 'A', 'a_b', '-a', 'a.b', 'x'.repeat(64), 1] };

/** Examples by path, as in field-examples.ts. */
export const OPEN_EXAMPLES: Readonly<Record<string, FieldExamples>> = {
  initContainers: CONTAINERS,
  'initContainers[].name': NAMES,
  sidecars: { ...CONTAINERS, rejectedInCode: [...(CONTAINERS.rejectedInCode ?? []), [{ name: 'a', restartPolicy: 'Never' }]] },
  'sidecars[].name': NAMES,
  podTemplate: {
    accepted: [
      { spec: { enableServiceLinks: true } },
      { metadata: { annotations: { a: 'b' } }, spec: { containers: [{ name: 'mcp-server', args: ['a'] }, { name: 'b', image: 'b' }] } },
      {},
    ],
    rejected: ['a', []],
    rejectedInCode: [
      { spec: [] }, { metadata: 'a' }, { spec: { containers: {} } }, { spec: { containers: 'a' } },
      { spec: { containers: [{ image: 'a' }] } },
      { spec: { nodeName: null } }, { spec: { tolerations: [null] } }, nested(25), { spec: { hostname: 'a'.repeat(65_536) } },
      ...['$patch', '$retainKeys', '$setElementOrder/volumes', '$deleteFromPrimitiveList/finalizers', 'constructor'].map((key) => ({ spec: { [key]: [] } })),
      JSON.parse('{ "spec": { "__proto__": { "a": 1 } } }'),
      ...['restartPolicy', 'serviceAccountName', 'serviceAccount', 'automountServiceAccountToken'].map((field) => ({ spec: { [field]: 'a' } })),
      ...['app.kubernetes.io/name', 'app.kubernetes.io/instance', 'example.com/transport', 'mcp.example.com/server', 'argocd.argoproj.io/instance']
        .flatMap((key) => [{ metadata: { labels: { [key]: 'a' } } }, { metadata: { annotations: { [key]: 'a' } } }]),
      ...[{ command: ['a'] }, { ports: [] }, { env: [{ name: 'MCP_PORT', value: '1' }] }]
        .map((fields) => ({ spec: { containers: [{ name: 'mcp-server', ...fields }] } })),
      { spec: { initContainers: [{ name: 'mcp-server', image: 'a' }] } },
    ],
  },
};

const RESOURCES = {
  requests: { cpu: '0.05', memory: '1e8', 'ephemeral-storage': '1024Mi' },
  limits: { cpu: 0.5, memory: '0.5Gi', 'ephemeral-storage': '1024Mi' },
};
const HARDENED = { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } };

/** Every open field, with what pods take. Of all specs that are tried this one says most. */
export const FULL_OPEN = {
  initContainers: [
    {
      name: 'migrate',
      image: 'registry.example.com/tools/migrate:1',
      args: ['up'],
      env: [{ name: 'BLANK', value: '' }, { name: 'NODE', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
      envFrom: [{ secretRef: { name: 'tokens', optional: true } }],
      resources: RESOURCES,
      volumeMounts: [{ name: 'tmp', mountPath: '/tmp', readOnly: false }],
      tty: false,
    },
  ],
  sidecars: [
    {
      name: 'proxy',
      image: 'registry.example.com/tools/proxy:1',
      ports: [{ containerPort: 9100 }, { containerPort: 9100, protocol: 'UDP' }],
      startupProbe: { httpGet: { port: 9100, path: '/ready' }, initialDelaySeconds: 0 },
      securityContext: { runAsUser: 10_001 },
      resources: RESOURCES,
    },
  ],
  podTemplate: {
    metadata: { annotations: { 'example.com/note': 'a' } },
    spec: {
      containers: [
        { name: 'mcp-server', env: [{ name: 'LOG_FORMAT', value: 'json' }] },
        { name: 'exporter', image: 'registry.example.com/tools/exporter:1', resources: RESOURCES, securityContext: HARDENED },
      ],
      volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '0.5Gi' } }],
    },
  },
} satisfies Partial<MCPServerSpec>;
