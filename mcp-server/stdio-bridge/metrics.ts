// Counts what happens, and writes it as Prometheus reads it.

/** Every counter, with the label it has, if any. */
const COUNTERS = {
  mcp_bridge_sessions_opened_total: ['Sessions that were opened.'],
  mcp_bridge_sessions_ended_total: ['Sessions that ended, by reason.', 'reason'],
  mcp_bridge_child_starts_total: ['Processes of the server that were started.'],
  mcp_bridge_child_start_failures_total: ['Processes that ended, or took too long, before they answered.'],
  mcp_bridge_child_deaths_total: ['Processes that ended by themselves.'],
  mcp_bridge_requests_total: ['Requests that were answered, by who answered: the server, or the bridge in its place.', 'by'],
  mcp_bridge_forwarded_total: ['Requests that were passed on to the replica that has their session.'],
  mcp_bridge_forward_failures_total: ['Requests for sessions of other replicas that failed on the way, by what was wrong.', 'why'],
  mcp_bridge_rejected_total: ['Requests that were refused because there was no room.', 'bound'],
  mcp_bridge_noise_lines_total: ['Lines on standard output that are no messages.'],
  mcp_bridge_stderr_lines_left_out_total: ['Lines on standard error that were too many for the log.'],
  mcp_bridge_messages_dropped_total: ['Messages of the server that nobody was there to take.'],
} as const satisfies Readonly<Record<string, readonly [string, string?]>>;

const HISTOGRAMS = {
  mcp_bridge_child_start_seconds: 'From the start of a process to its first answer.',
  mcp_bridge_request_seconds: 'From a request to its answer by the server.',
} as const;

const BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30, 120];

export type CounterName = keyof typeof COUNTERS;
export type HistogramName = keyof typeof HISTOGRAMS;

/** A value as it is when it is asked for. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly read: () => number;
}

interface Observed {
  readonly buckets: number[];
  sum: number;
  count: number;
}

export class Metrics {
  readonly #counters = new Map<CounterName, Map<string, number>>();
  readonly #histograms = new Map<HistogramName, Observed>();
  #gauges: readonly Gauge[] = [];

  /** One more. `label` is of a closed set, so that nobody outside can make the metrics grow. */
  count(name: CounterName, label = ''): void {
    const values = this.#counters.get(name) ?? new Map<string, number>();
    this.#counters.set(name, values.set(label, (values.get(label) ?? 0) + 1));
  }

  observe(name: HistogramName, seconds: number): void {
    const observed = this.#histograms.get(name) ?? { buckets: BUCKETS.map(() => 0), sum: 0, count: 0 };
    this.#histograms.set(name, observed);
    observed.sum += seconds;
    observed.count += 1;
    for (const [index, most] of BUCKETS.entries()) if (seconds <= most) observed.buckets[index] = (observed.buckets[index] ?? 0) + 1;
  }

  watch(gauge: Gauge): void {
    this.#gauges = [...this.#gauges, gauge];
  }

  /** In the text format of Prometheus, version 0.0.4. */
  text(): string {
    const counters = Object.entries(COUNTERS).map(([name, [help, label]]: [string, readonly [string, string?]]) => {
      const values = [...(this.#counters.get(name as CounterName) ?? (label === undefined ? [['', 0] as const] : []))];
      const labelled = (value: string): string => (label === undefined ? name : `${name}{${label}="${value}"}`);
      return [header(name, help, 'counter'), ...values.map(([value, count]) => `${labelled(value)} ${count}`)].join('\n');
    });
    const histograms = Object.entries(HISTOGRAMS).map(([name, help]) => {
      const { buckets, sum, count } = this.#histograms.get(name as HistogramName) ?? { buckets: [], sum: 0, count: 0 };
      const lines = [...BUCKETS.map((most, index) => `${name}_bucket{le="${most}"} ${buckets[index] ?? 0}`), `${name}_bucket{le="+Inf"} ${count}`];
      return [header(name, help, 'histogram'), ...lines, `${name}_sum ${sum}`, `${name}_count ${count}`].join('\n');
    });
    const gauges = this.#gauges.map(({ name, help, read }) => `${header(name, help, 'gauge')}\n${name} ${read()}`);
    return `${[...gauges, ...counters, ...histograms].join('\n')}\n`;
  }
}

function header(name: string, help: string, type: string): string {
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}`;
}
