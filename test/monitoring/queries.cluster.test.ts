// Every query of the dashboards, and every alert, on a real Prometheus that scrapes real operators.
import { describe, expect, test } from 'vitest';
import { ALERTS } from '../../charts/operator/monitoring/alerts.ts';
import { ASKED } from './dashboard-files.ts';
import { answer, IS_MISSING, useRun } from './dashboard-run.ts';

const run = useRun('queries');

describe.skipIf(IS_MISSING)('on a real Prometheus', () => {
  test('every query of the dashboards gives data', async () => {
    const counts = await Promise.all(ASKED.map(async ({ where, target }) => [where, (await answer(run, target)).length] as const));
    expect(counts.filter(([, count]) => count === 0).map(([where]) => where)).toEqual([]);
    expect(await answer(run, { expr: 'max(mcp_operator_server_conditions)' })).toEqual([]);
  });

  test('every alert can be asked, and what is wrong here is found, and nothing else', async () => {
    const found = await Promise.all(ALERTS.map(async ({ name, expr }) => [name, (await run.prometheus.query(expr)).length] as const));
    expect(found.filter(([, count]) => count !== 0)).toEqual([['MCPServerNotReady', 2], ['MCPServerStalled', 1]]);
  });
});
