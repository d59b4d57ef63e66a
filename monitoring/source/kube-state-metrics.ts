// What kube-state-metrics is told to read from MCPServers, for teams that collect the state of objects that way.
import { GROUP, KIND, VERSION } from '../../charts/api/group.ts';
import { PHASES } from '../../charts/api/status.ts';
import { toYaml } from '../../charts/yaml-text.ts';

/** Fields of the object from its root, or from the path of the metric on. */
type Path = readonly string[];

interface Each {
  readonly path?: Path;
  readonly valueFrom?: Path;
  readonly labelsFromPath?: Readonly<Record<string, Path>>;
  readonly labelName?: string;
  readonly list?: readonly string[];
}

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly each: Readonly<Record<string, string | Each>>;
}

const CONDITIONS: Path = ['status', 'conditions'];

/** A number of the object. One that is not there yet gives no series. */
function gauge(name: string, help: string, path: Path): Metric {
  return { name, help, each: { type: 'Gauge', gauge: { path } } };
}

const METRICS: readonly Metric[] = [
  {
    name: 'status_condition', help: 'Conditions of the MCPServer with their reasons: 1 for the status that each has, 0 for the others.',
    each: {
      type: 'StateSet',
      stateSet: {
        path: CONDITIONS, labelName: 'status', valueFrom: ['status'], list: ['True', 'False', 'Unknown'], labelsFromPath: { type: ['type'], reason: ['reason'] },
      },
    },
  },
  {
    name: 'status_condition_last_transition_time', help: 'When the status of a condition last changed, in seconds since 1970; that of Verified is when handshakes began to pass or to fail.',
    each: { type: 'Gauge', gauge: { path: CONDITIONS, valueFrom: ['lastTransitionTime'], labelsFromPath: { type: ['type'] } } },
  },
  {
    name: 'status_phase', help: 'Phase of the MCPServer: 1 for the one it is in, 0 for the others.',
    each: { type: 'StateSet', stateSet: { path: ['status', 'phase'], labelName: 'phase', list: PHASES } },
  },
  {
    name: 'info', help: 'Always 1: image and transport of the spec, and what the last handshake that passed found.',
    each: {
      type: 'Info',
      info: {
        labelsFromPath: {
          image: ['spec', 'image'], transport: ['spec', 'transport'],
          server_name: ['status', 'server', 'name'], server_version: ['status', 'server', 'version'], endpoint: ['status', 'endpoint'],
        },
      },
    },
  },
  gauge('created', 'When the MCPServer was created, in seconds since 1970.', ['metadata', 'creationTimestamp']),
  gauge('spec_replicas', 'Pods that the spec asks for. With autoscaling another number counts.', ['spec', 'replicas']),
  gauge('status_replicas', 'Pods of the Deployment.', ['status', 'replicas']),
  gauge('status_ready_replicas', 'Pods of the Deployment that are ready.', ['status', 'readyReplicas']),
  gauge('metadata_generation', 'Generation of the spec.', ['metadata', 'generation']),
  gauge('status_observed_generation', 'Generation of the spec that the status speaks of, -1 before an operator has seen the object.', ['status', 'observedGeneration']),
];

/** The file for `--custom-resource-state-config-file`. */
export function kubeStateMetricsFile(): string {
  const resource = {
    groupVersionKind: { group: GROUP, version: VERSION, kind: KIND },
    metricNamePrefix: 'kube_mcpserver',
    labelsFromPath: { namespace: ['metadata', 'namespace'], name: ['metadata', 'name'] },
    // What is not there yet is no error worth a line at each change.
    errorLogV: 5,
    metrics: METRICS,
  };
  const config = { kind: 'CustomResourceStateMetrics', spec: { resources: [resource] } };
  return `# MCPServers for kube-state-metrics. Made from monitoring/source/kube-state-metrics.ts by npm run generate.\n${toYaml([config])}`;
}
