// Every query of the dashboards, and every alert, on a real Prometheus that scrapes real operators; and the pictures of the documentation, drawn
// from its answers. `npm run pictures` keeps them.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ALERTS } from '../../charts/operator/monitoring/alerts.ts';
import { ASKED, DASHBOARDS, panelsOf, textOf } from './dashboard-files.ts';
import { answer, IS_MISSING, useRun } from './dashboard-run.ts';
import { dashboardPicture, digestOf } from './pictures/picture.ts';
import type { Series } from './prometheus.ts';

const run = useRun('tools');
const { PICTURES: folder } = process.env;

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

  test.each(DASHBOARDS)('$title can be drawn, each panel of what was answered', async (dashboard) => {
    const answers = new Map<object, readonly Series[]>();
    for (const { targets } of panelsOf(dashboard)) for (const target of targets) answers.set(target, await answer(run, target));
    const digest = digestOf(textOf(dashboard.uid));
    const drawn = dashboardPicture(dashboard, (_, target) => answers.get(target) ?? [], { span: run.span, digest });
    for (const { fieldConfig, title } of panelsOf(dashboard)) {
      expect(drawn).toContain(`>${title}<`);
      expect(drawn).not.toContain(`>${fieldConfig.defaults.noValue}<`);
    }
    expect(drawn).not.toMatch(/NaN|undefined|Infinity/);
    if (folder !== undefined) writeFileSync(join(folder, `${dashboard.uid}-dashboard.svg`), drawn);
  });
});
