// Which metrics and labels of an expression the operator does not have.
import { describedMetrics } from '../../reconciler/metrics/reference.ts';
import { namesIn } from './promql.ts';

/** What Prometheus adds to what it scrapes, and what it names histograms' buckets by. */
const FROM_PROMETHEUS = ['job', 'instance', 'namespace', 'pod', 'le'];

/** The labels of what is scraped, by name: of a histogram three names. */
const SERIES: ReadonlyMap<string, readonly string[]> = new Map(describedMetrics().flatMap(({ name, type, labels }) =>
  (type === 'histogram' ? ['_bucket', '_count', '_sum'].map((suffix) => `${name}${suffix}`) : [name]).map((each) => [each, labels] as const)));

/** Names of all that is scraped. */
export const SCRAPED_NAMES: readonly string[] = [...SERIES.keys()];

/** Metrics that the operator has not, and labels that no metric in the expression has, or not the one that is asked by it. */
export function unknownIn(expr: string): string[] {
  const { metrics, labels, matchers } = namesIn(expr);
  const known = new Set([...FROM_PROMETHEUS, ...metrics.flatMap((metric) => SERIES.get(metric) ?? [])]);
  const lacks = (metric: string, label: string): boolean =>
    SERIES.has(metric) && !SERIES.get(metric)?.includes(label) && !FROM_PROMETHEUS.includes(label);
  return [
    ...metrics.filter((metric) => !SERIES.has(metric)),
    ...labels.filter((label) => !known.has(label)),
    ...matchers.flatMap(([metric, label]) => (lacks(metric, label) ? [`${metric}{${label}}`] : [])),
  ];
}
