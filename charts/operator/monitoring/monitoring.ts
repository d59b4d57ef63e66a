// What the Prometheus operator is told: to scrape the operator and the pods of MCP servers, and when to alert; and the dashboards that a Grafana
// finds. Rendered only where it is asked for.
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import { APP_NAME, HEALTH_PORT_NAME, MANAGED_BY, OPERATOR_LABELS, SERVER_LABEL } from '../../api/labels.ts';
import { ruleGroups } from './alerts.ts';
import { DASHBOARDS } from './dashboards.ts';
import type { MonitoringProps } from './props.ts';

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

/** The label by which the sidecar of Grafana finds ConfigMaps, unless told otherwise. */
const DASHBOARD_LABELS = { grafana_dashboard: '1' };

/**
 * ServiceMonitor, PodMonitor and PrometheusRule, in the operator's namespace, in plain fields: their types are of CRDs that a cluster may not have.
 * And a ConfigMap with the dashboards.
 */
export class Monitoring extends Construct {
  constructor(scope: Construct, id: string, { monitoring, place }: { readonly monitoring: MonitoringProps; readonly place: Place }) {
    super(scope, id);
    const { serviceMonitor = true, podMonitor = true, rules = true, dashboards = true, labels, runbookBase } = monitoring;
    const { namespace } = place;
    const common = { ...labels, ...OPERATOR_LABELS };
    const add = (kind: string, name: string, spec: object): void => {
      new ApiObject(this, kind, { apiVersion: API_VERSION, kind, metadata: { name, namespace, labels: common }, spec });
    };
    if (serviceMonitor) add('ServiceMonitor', MANAGED_BY, serviceMonitorSpec(monitoring));
    if (podMonitor) add('PodMonitor', 'mcp-servers', podMonitorSpec(monitoring, place));
    if (rules) add('PrometheusRule', MANAGED_BY, ruleGroups(runbookBase));
    if (dashboards) {
      const metadata = { name: `${MANAGED_BY}-dashboards`, namespace, labels: { ...common, ...DASHBOARD_LABELS } };
      new k8s.KubeConfigMap(this, 'dashboards', { metadata, data: DASHBOARDS });
    }
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
