// What can be said of monitoring, and what is refused. It loads neither the alerts nor the dashboards, for the operator reads the installation's props.

/** Props of what is rendered for the Prometheus operator and for Grafana. */
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
   * Whether the dashboards are rendered, as a ConfigMap with the label `grafana_dashboard: "1"`.
   * @default true
   */
  readonly dashboards?: boolean;
  /**
   * What stands before `docs/runbooks/…` in the alerts: a URL that ends with `/`.
   * @default - nothing: a path in this repository
   */
  readonly runbookBase?: string;
}

const DURATION = /^(\d+(ms|s|m|h))+$/;

/** What of it cannot be meant. */
export function monitoringProblems({ interval, runbookBase, serviceMonitor, podMonitor, rules, dashboards }: MonitoringProps): string[] {
  const isBase = runbookBase === undefined || (runbookBase.endsWith('/') && /^https?:$/.test(URL.parse(runbookBase)?.protocol ?? ''));
  return [
    ...([serviceMonitor, podMonitor, rules, dashboards].some((each) => each !== false) ? [] : ['monitoring renders nothing: leave it out']),
    ...(interval === undefined || DURATION.test(interval) ? [] : [`monitoring.interval is ${JSON.stringify(interval)}: it must be a duration, such as 30s`]),
    ...(isBase ? [] : [`monitoring.runbookBase is ${JSON.stringify(runbookBase)}: it must be a URL that ends with /, such as that of the repository's files`]),
  ];
}
