// What the Prometheus operator is told: to scrape the operator and the pods of MCP servers, and when to alert. Rendered only where it is asked for.
import { ApiObject } from 'cdk8s';
import { Construct } from 'constructs';
import { APP_NAME, HEALTH_PORT_NAME, MANAGED_BY, OPERATOR_LABELS, SERVER_LABEL } from '../../api/labels.ts';
import { ruleGroups } from './alerts.ts';

/** Props of what is rendered for the Prometheus operator. */
export interface MonitoringProps {
  /**
   * Labels of these objects, by which a Prometheus selects them, such as `{ release: 'prometheus' }`.
   * @default - only those of the operator
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * How often metrics are read, such as `30s`.
   * @default - as the Prometheus does
   */
  readonly interval?: string;
  /**
   * Whether the operator is scraped.
   * @default true
   */
  readonly serviceMonitor?: boolean;
  /**
   * Whether the pods of MCP servers are: on a port named `metrics`, and those of stdio servers on the port of their bridge.
   * @default true
   */
  readonly podMonitor?: boolean;
  /**
   * Whether the alerts are rendered.
   * @default true
   */
  readonly rules?: boolean;
  /**
   * What stands before `docs/runbooks/…` in the alerts: a URL that ends with `/`.
   * @default - nothing: a path in this repository
   */
  readonly runbookBase?: string;
}

/** Where the operator is, and whose MCP servers it runs. */
export interface Place {
  readonly namespace: string;
  readonly watchNamespaces?: readonly string[] | undefined;
}

const API_VERSION = 'monitoring.coreos.com/v1';
const PATH = '/metrics';
/** The port by which a server, or a container beside it, offers metrics: one of `extraPorts`. */
const METRICS_PORT_NAME = 'metrics';
/** What Prometheus calls the label of pods that names their transport. */
const TRANSPORT_LABEL = '__meta_kubernetes_pod_label_example_com_transport';

/** ServiceMonitor, PodMonitor and PrometheusRule, in the operator's namespace. In plain fields: their types are of CRDs that a cluster may not have. */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { monitoring, place }: { readonly monitoring: MonitoringProps; readonly place: Place }) {
    super(scope, id);
    const { serviceMonitor = true, podMonitor = true, rules = true, labels, runbookBase } = monitoring;
    const add = (kind: string, name: string, spec: object): void => {
      const metadata = { name, namespace: place.namespace, labels: { ...labels, ...OPERATOR_LABELS } };
      new ApiObject(this, kind, { apiVersion: API_VERSION, kind, metadata, spec });
    };
    if (serviceMonitor) add('ServiceMonitor', MANAGED_BY, serviceMonitorSpec(monitoring));
    if (podMonitor) add('PodMonitor', 'mcp-servers', podMonitorSpec(monitoring, place));
    if (rules) add('PrometheusRule', MANAGED_BY, ruleGroups(runbookBase));
  }
}

/** The metrics have a namespace and a name of their own: those of the MCPServer they are about. */
function serviceMonitorSpec({ interval }: MonitoringProps): object {
  return {
    selector: { matchLabels: OPERATOR_LABELS },
    endpoints: [{ port: 'metrics', path: PATH, honorLabels: true, ...(interval !== undefined && { interval }) }],
  };
}

/** One for all: who creates MCPServers needs no right over monitors, and neither does the operator. */
function podMonitorSpec({ interval }: MonitoringProps, { watchNamespaces }: Place): object {
  const common = { path: PATH, ...(interval !== undefined && { interval }) };
  const isBridge = { action: 'keep', sourceLabels: [TRANSPORT_LABEL], regex: 'stdio' };
  return {
    namespaceSelector: watchNamespaces === undefined ? { any: true } : { matchNames: watchNamespaces },
    selector: { matchLabels: { 'app.kubernetes.io/name': APP_NAME } },
    podTargetLabels: [SERVER_LABEL],
    podMetricsEndpoints: [
      { port: METRICS_PORT_NAME, ...common },
      { port: HEALTH_PORT_NAME, ...common, relabelings: [isBridge] },
    ],
  };
}

const DURATION = /^(\d+(ms|s|m|h))+$/;

/** What of it cannot be meant. */
export function monitoringProblems({ interval, runbookBase, serviceMonitor, podMonitor, rules }: MonitoringProps): string[] {
  const isBase = runbookBase === undefined || (runbookBase.endsWith('/') && /^https?:$/.test(URL.parse(runbookBase)?.protocol ?? ''));
  return [
    ...([serviceMonitor, podMonitor, rules].some((each) => each !== false) ? [] : ['monitoring renders nothing: leave it out']),
    ...(interval === undefined || DURATION.test(interval) ? [] : [`monitoring.interval is ${JSON.stringify(interval)}: it must be a duration, such as 30s`]),
    ...(isBase ? [] : [`monitoring.runbookBase is ${JSON.stringify(runbookBase)}: it must be a URL that ends with /, such as that of the repository's files`]),
  ];
}
