// A run for the dashboards: two real operators that a real Prometheus scrapes, one that verifies MCP servers, some of them in trouble, and one
// that holds the lease.
import { afterAll, beforeAll, inject } from 'vitest';
import { useScene, type Scene } from '../reconciler/scene.ts';
import { eventually, uniqueName } from '../support/cluster.ts';
import { serveAnswer, serveHttp, type RunningServer } from '../support/mcp-servers.ts';
import { onLoopback, startOperatorProcess, type OperatorProcess } from '../support/operator.ts';
import { sent, type Target } from './dashboard-files.ts';
import { prometheusIsMissing, startPrometheus, type Prometheus, type Series, type Span } from './prometheus.ts';

/** Whether there is no Prometheus on this machine; then nothing of this runs. */
export const IS_MISSING = prometheusIsMissing();

const MISTAKEN = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nonsense' } } }];
const LIMIT_MS = 240_000;

/** What has happened once all of it is there. */
export interface Run {
  readonly prometheus: Prometheus;
  readonly span: Span;
}

/** The run of the calling file, from its first test on: `weather` is scaled and Ready, `search` waits for a human, `tickets` does not speak MCP. */
export function useRun(prefix: string): Run {
  const run = {} as { -readonly [K in keyof Run]: Run[K] };
  const servers: RunningServer[] = [];
  const scene = useScene(prefix, {
    exchangeFor: onLoopback(({ name }) => (name.startsWith('tickets') ? (servers[0]?.port ?? 1) : scene.server.port)),
  });
  let leader: OperatorProcess | undefined;
  beforeAll(async () => {
    if (IS_MISSING) return;
    // What the operator in this process would answer at its own address.
    const metrics = await serveHttp((_, response) => void scene.operator.scrape().then((text) => response.end(text)));
    servers.push(await serveAnswer({ status: 404 }), metrics);
    const election = ['--leader-elect', '--leader-elect-resource-namespace', scene.namespace];
    leader = await startOperatorProcess(inject('kubeconfig'), ['--namespace', uniqueName('other'), ...election]);
    run.prometheus = await startPrometheus();
    const { host } = await eventually(() => new URL(leader?.url('metrics', '/metrics') ?? ''));
    await run.prometheus.scrape(`127.0.0.1:${metrics.port}`, host);
    await scraped(run.prometheus, 'count(mcp_operator_build_info)', 2);
    run.span = await played(scene, run.prometheus);
  }, LIMIT_MS);
  afterAll(async () => {
    await run.prometheus?.stop();
    await leader?.stop();
    for (const server of servers) await server.close();
  });
  return run;
}

/** Plays it, and returns when it was. */
async function played({ fleet }: Scene, prometheus: Prometheus): Promise<Span> {
  const start = Date.now() / 1000;
  await fleet.create('weather', { replicas: 2 });
  await fleet.ready('weather');
  await fleet.create('search', { replicas: 0, env: MISTAKEN });
  await fleet.create('tickets', { replicas: 1 });
  await fleet.until('search', 'Stalled', ['True']);
  await fleet.until('tickets', 'Verified', ['False']);
  await scraped(prometheus, 'min(mcp_operator_server_condition{name="tickets",type="Verified"})', 0);
  await fleet.edit('weather', { replicas: 3 });
  await fleet.ready('weather');
  await scraped(prometheus, 'min(mcp_operator_server_ready_replicas{name="weather"})', 3);
  return { start, end: Date.now() / 1000, step: 1 };
}

async function scraped(prometheus: Prometheus, expr: string, wanted: number): Promise<void> {
  await eventually(async () => {
    const [found] = await prometheus.query(expr);
    if (found !== wanted) throw new Error(`${expr} is ${found}, not ${wanted}`);
  });
}

/** The series of a query of a dashboard, over the time of the run, or at its end. */
export function answer({ prometheus, span }: Run, { expr, instant = false }: Pick<Target, 'expr' | 'instant'>): Promise<readonly Series[]> {
  return prometheus.series(sent(expr, { rateInterval: '10s' }), instant ? { ...span, start: span.end } : span);
}
