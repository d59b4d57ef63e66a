// A real Prometheus that scrapes operators of this machine and judges the alerts, with seconds where they wait for minutes.
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ruleGroups } from '../../charts/operator/monitoring/alerts.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { startProcess } from '../cluster/managed-process.ts';
import { freePort } from '../cluster/ports.ts';
import { eventually } from '../support/cluster.ts';

/** An alert that is pending or fires. */
export interface ActiveAlert {
  readonly state: 'pending' | 'firing';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

/** One series. */
export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since 1970, and what it was then; neither NaN nor infinite. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

/** Seconds since 1970, and between one value and the next. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** A rule as Prometheus stands to it. */
export interface JudgedRule {
  readonly name: string;
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

export interface Prometheus {
  /** Scrapes these addresses, each HOST:PORT, from now on, as pods of the operator. */
  readonly scrape: (...addresses: readonly string[]) => Promise<void>;
  readonly alerts: () => Promise<readonly ActiveAlert[]>;
  readonly rules: () => Promise<readonly JudgedRule[]>;
  /** Values of an expression now. */
  readonly query: (expr: string) => Promise<readonly number[]>;
  /** The series of an expression over a span, as far as they have values. */
  readonly series: (expr: string, span: Span) => Promise<readonly Series[]>;
  /** Where the scrapes go, and what went wrong with the last one. */
  readonly targets: () => Promise<readonly string[]>;
  readonly stop: () => Promise<void>;
}

/** Whether there is none on this machine; says so on standard error. */
export function prometheusIsMissing(): boolean {
  const isMissing = spawnSync('prometheus', ['--version']).error !== undefined;
  if (isMissing) process.stderr.write('skipped: prometheus is not on the PATH: of Debian it is in the package prometheus, which .ci/run takes it from\n');
  return isMissing;
}

const BY_ADDRESS = [{ job_name: 'mcp-operator', honor_labels: true, file_sd_configs: [{ files: ['targets.json'], refresh_interval: '1s' }] }];

/** Starts one that scrapes what it is told, or else addresses; the caller stops it. */
export async function startPrometheus(scrapeConfigs: readonly object[] = BY_ADDRESS): Promise<Prometheus> {
  const dir = await mkdtemp(join(tmpdir(), 'mcp-prometheus-'));
  const scrape = (...addresses: readonly string[]): Promise<void> =>
    writeFile(join(dir, 'targets.json'), JSON.stringify(addresses.map((address, index) =>
      ({ targets: [address], labels: { namespace: 'mcp-operator-system', pod: `operator-${index}` } }))));
  const { groups } = ruleGroups();
  const quick = { groups: groups.map((group) => ({ ...group, rules: group.rules.map((rule) => ({ ...rule, for: '2s' })) })) };
  await writeFile(join(dir, 'rules.yaml'), toYaml([quick]));
  await writeFile(join(dir, 'prometheus.yaml'), toYaml([{
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yaml'],
    scrape_configs: scrapeConfigs,
  }]));
  await scrape();
  const address = `127.0.0.1:${await freePort()}`;
  const args = [`--config.file=${join(dir, 'prometheus.yaml')}`, `--storage.tsdb.path=${join(dir, 'data')}`, `--web.listen-address=${address}`];
  const { PATH = '' } = process.env;
  const program = await startProcess({ name: 'prometheus', command: 'prometheus', args, env: { PATH }, logFile: join(dir, 'log') });
  const ask = async <T>(path: string): Promise<T> => {
    const response = await fetch(`http://${address}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { readonly data: T }).data;
  };
  const prometheus: Prometheus = {
    scrape,
    alerts: async () => (await ask<{ alerts: ActiveAlert[] }>('/api/v1/alerts')).alerts,
    rules: async () => (await ask<{ groups: { rules: JudgedRule[] }[] }>('/api/v1/rules')).groups.flatMap(({ rules }) => rules),
    query: async (expr) => {
      const { result } = await ask<{ result: { value: [number, string] }[] }>(`/api/v1/query?query=${encodeURIComponent(expr)}`);
      return result.map(({ value: [, value] }) => Number(value));
    },
    series: async (expr, span) => {
      const when = `start=${span.start}&end=${span.end}&step=${span.step}`;
      const { result } = await ask<{ result: Raw[] }>(`/api/v1/query_range?query=${encodeURIComponent(expr)}&${when}`);
      return result.map(toSeries).filter(({ points }) => points.length > 0);
    },
    targets: async () => {
      const { activeTargets } = await ask<{ activeTargets: { scrapeUrl: string; lastError: string }[] }>('/api/v1/targets?state=active');
      return activeTargets.map(({ scrapeUrl, lastError }) => `${scrapeUrl} ${lastError}`.trim());
    },
    stop: async () => {
      await program.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await eventually(() => prometheus.rules().catch((error: unknown) => {
    throw new Error(`Prometheus does not answer: ${program.logTail(5)}`, { cause: error });
  }));
  return prometheus;
}

/** A series as Prometheus tells it. */
interface Raw {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (readonly [number, string])[];
}

function toSeries({ metric, values }: Raw): Series {
  const points = values.map(([at, text]): [number, number] => [at, Number(text)]);
  return { labels: metric, points: points.filter(([, number]) => Number.isFinite(number)) };
}
