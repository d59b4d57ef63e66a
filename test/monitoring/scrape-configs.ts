// What the Prometheus operator would make of a ServiceMonitor or PodMonitor for its Prometheus, as far as ours use them; and the last hop of a
// scrape by the API server's pod proxy, for a Prometheus outside the cluster's network. Pure.
import type { Installed } from '../support/operator-manifests.ts';

/** A step by which targets are chosen and labelled, as Prometheus writes it. */
interface Relabel {
  readonly source_labels?: readonly string[];
  readonly target_label?: string;
  readonly regex?: string;
  readonly replacement?: string;
  readonly action?: string;
}

interface Endpoint {
  readonly port: string;
  readonly path?: string;
  readonly interval?: string;
  readonly honorLabels?: boolean;
  readonly relabelings?: readonly { readonly action: string; readonly sourceLabels: readonly string[]; readonly regex: string }[];
}

/** The parts of a monitor. */
interface Spec {
  readonly selector: { readonly matchLabels: Readonly<Record<string, string>> };
  readonly namespaceSelector?: { readonly any?: boolean; readonly matchNames?: readonly string[] };
  readonly podTargetLabels?: readonly string[];
  readonly endpoints?: readonly Endpoint[];
  readonly podMetricsEndpoints?: readonly Endpoint[];
}

/** An entry of `scrape_configs`. */
export type ScrapeConfig = Readonly<Record<string, unknown>> & { readonly relabel_configs: readonly Relabel[] };

/** How the API server is reached, and where the targets lie that were discovered in it. */
export interface ApiServer {
  /** Host and port. */
  readonly address: string;
  readonly caFile: string;
  readonly token: string;
  /** Files by what the Prometheus operator calls a role. */
  readonly discovered: Readonly<Record<Role, string>>;
}

/** What targets are discovered from. */
export type Role = 'endpointslice' | 'pod';

/** A kind of monitor: whose labels choose, and where Prometheus finds the port. */
interface Kind {
  readonly role: Role;
  readonly labels: string;
  readonly portName: string;
  readonly portNumber: string;
}

const KINDS: Readonly<Record<string, Kind>> = {
  ServiceMonitor: {
    role: 'endpointslice', labels: '__meta_kubernetes_service_label_',
    portName: '__meta_kubernetes_endpointslice_port_name', portNumber: '__meta_kubernetes_endpointslice_port',
  },
  PodMonitor: {
    role: 'pod', labels: '__meta_kubernetes_pod_label_',
    portName: '__meta_kubernetes_pod_container_port_name', portNumber: '__meta_kubernetes_pod_container_port_number',
  },
};

/** One entry for each endpoint of the monitor. */
export function scrapeConfigs(monitor: Installed, server: ApiServer): ScrapeConfig[] {
  const kind = KINDS[monitor.kind];
  if (kind === undefined) throw new Error(`${monitor.kind} is no monitor`);
  const { spec } = monitor as unknown as { readonly spec: Spec };
  return (spec.endpoints ?? spec.podMetricsEndpoints ?? []).map((endpoint, index) => ({
    job_name: `${monitor.kind}/${monitor.metadata.namespace}/${monitor.metadata.name}/${index}`,
    honor_labels: endpoint.honorLabels ?? false,
    ...(endpoint.interval !== undefined && { scrape_interval: endpoint.interval, scrape_timeout: endpoint.interval }),
    metrics_path: endpoint.path ?? '/metrics',
    file_sd_configs: [{ files: [server.discovered[kind.role]], refresh_interval: '1s' }],
    scheme: 'https', tls_config: { ca_file: server.caFile }, authorization: { credentials: server.token },
    relabel_configs: [
      ...inNamespaces(monitor, spec), ...chosen(spec, kind, endpoint), ...labelled(spec, kind, endpoint), ...byPodProxy(kind, server),
    ],
  }));
}

/** Without a selector those of its own namespace. */
function inNamespaces({ metadata }: Installed, { namespaceSelector = {} }: Spec): Relabel[] {
  const { any = false, matchNames = [metadata.namespace ?? ''] } = namespaceSelector;
  return any ? [] : [{ source_labels: ['__meta_kubernetes_namespace'], regex: matchNames.join('|'), action: 'keep' }];
}

function chosen({ selector }: Spec, { labels, portName }: Kind, { port }: Endpoint): Relabel[] {
  const wanted = Object.entries(selector.matchLabels).map(([label, value]): Relabel =>
    ({ source_labels: [`${labels}${inPrometheus(label)}`], regex: value, action: 'keep' }));
  return [...wanted, { source_labels: [portName], regex: port, action: 'keep' }];
}

/** What the Prometheus operator adds to what is scraped. */
function labelled({ podTargetLabels = [] }: Spec, { role, labels }: Kind, { relabelings = [] }: Endpoint): Relabel[] {
  const meta = ['namespace', ...(role === 'pod' ? [] : ['service']), 'pod', 'container'].map((label): Relabel => {
    const source = { namespace: 'namespace', container: 'pod_container_name' }[label] ?? `${label}_name`;
    return { source_labels: [`__meta_kubernetes_${source}`], target_label: label };
  });
  const ofPods = podTargetLabels.map(inPrometheus).map((label): Relabel => ({ source_labels: [`${labels}${label}`], target_label: label }));
  const own = relabelings.map(({ action, sourceLabels, regex }): Relabel => ({ source_labels: sourceLabels, regex, action }));
  return [...meta, ...ofPods, ...own];
}

/** The target keeps the name of its own address. */
function byPodProxy({ portNumber }: Kind, { address }: ApiServer): Relabel[] {
  return [
    { source_labels: ['__address__'], target_label: 'instance' },
    {
      source_labels: ['__meta_kubernetes_namespace', '__meta_kubernetes_pod_name', portNumber, '__metrics_path__'],
      regex: '(.+);(.+);(.+);/(.+)', replacement: '/api/v1/namespaces/$1/pods/$2:$3/proxy/$4', target_label: '__metrics_path__',
    },
    { replacement: address, target_label: '__address__' },
  ];
}

/** A label's name as Prometheus knows it. */
export function inPrometheus(label: string): string {
  return label.replaceAll(/\W/g, '_');
}
