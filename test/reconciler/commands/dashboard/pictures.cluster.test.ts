// The pictures of the page in the documentation: of a real run, in light and in dark. `npm run pictures` keeps them, with what they were made from.
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { chromiumIsMissing, startChromium } from '../../../support/chromium.ts';
import { useScene } from '../../scene.ts';
import { serveDashboard, type Served } from './served.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const RECORD = 'docs/pictures/page.json';
const { PICTURES: folder } = process.env;
const MOST_BYTES = 150 * 1024;
const LIMIT_MS = 40_000;

/** What the page is made of. */
async function madeFrom(): Promise<string> {
  return createHash('sha256').update(await readFile(join(ROOT, 'reconciler/commands/dashboard/page.json'))).digest('hex').slice(0, 16);
}

describe.skipIf(chromiumIsMissing())('pictures of the page', () => {
  const scene = useScene('pictures', { namespace: 'team-a' });
  let served: Served;
  let browser: Browser;

  beforeAll(async () => {
    const { fleet, namespace } = scene;
    await Promise.all(['weather', 'search', 'calendar', 'orders'].map((name) => fleet.create(name, name === 'orders' ? { replicas: 3 } : {})));
    await fleet.create('archive', { suspend: true });
    await fleet.create('tickets', { path: '/nope' });
    await Promise.all(['weather', 'search', 'calendar', 'orders'].map((name) => fleet.ready(name)));
    await fleet.until('tickets', 'Ready', ['False', 'WrongPath']);
    served = await serveDashboard(inject('kubeconfig'), ['-n', namespace]);
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.cli.end();
  });

  test.each(['light', 'dark'] as const)('in %s are small, and of the table and of one MCPServer', async (theme) => {
    const context = await browser.newContext({ viewport: { width: 1200, height: 640 }, colorScheme: theme });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    await page.goto(served.url);
    await page.getByRole('row', { name: /orders/ }).waitFor();
    const table = await page.screenshot();
    await page.getByRole('link', { name: 'tickets', exact: true }).click();
    await page.getByRole('heading', { name: 'What to do' }).waitFor();
    const detail = await page.screenshot();
    expect(Math.max(table.length, detail.length)).toBeLessThan(MOST_BYTES);
    expect(table.equals(detail)).toBe(false);
    if (folder === undefined) return;
    await writeFile(join(ROOT, folder, `page-table-${theme}.png`), table);
    await writeFile(join(ROOT, folder, `page-server-${theme}.png`), detail);
    await writeFile(join(ROOT, folder, 'page.json'), `${JSON.stringify({ madeFrom: await madeFrom() })}\n`);
  });
});

test('the documentation shows the page as it is now; where it does not: npm run pictures', async () => {
  expect(JSON.parse(await readFile(join(ROOT, RECORD), 'utf8'))).toEqual({ madeFrom: await madeFrom() });
});
