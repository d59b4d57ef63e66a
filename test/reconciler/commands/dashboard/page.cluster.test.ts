// The page as people see it: in a real Chromium, over a real API server and a real operator with twenty MCPServers, of which one is broken.
import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { EVENTS, type KubernetesObject } from '../../../../kubernetes/objects.ts';
import { chromiumIsMissing, startChromium } from '../../../support/chromium.ts';
import { useScene } from '../../scene.ts';
import { serveDashboard, type Served } from './served.ts';

const LIMIT_MS = 40_000;
const HOSTILE = '<img src=x onerror="document.title=\'owned\'"><script>alert(1)</script> javascript:alert(1) \u202Ereversed [a](http://example.com)';

describe.skipIf(chromiumIsMissing())('in a browser', () => {
  const scene = useScene('page', { fateOf: (pod) => (pod.metadata.labels?.['mcp.example.com/server'] === 'hostile' ? CRASHED : undefined) });
  let served: Served;
  let browser: Browser;
  /** What the browser asked for, and what went wrong in it, of all pages. */
  const asked = new Set<string>();
  const wrong: string[] = [];

  beforeAll(async () => {
    await Promise.all(Array.from({ length: 19 }, (_, index) => scene.fleet.create(`weather-${String(index).padStart(2, '0')}`)));
    await scene.fleet.create('tickets', { path: '/nope' });
    await scene.fleet.until('tickets', 'Ready', ['False', 'WrongPath']);
    await scene.fleet.ready('weather-18');
    served = await serveDashboard(inject('kubeconfig'), ['-n', scene.namespace]);
    browser = await startChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.cli.end();
  });

  /** A browser of a person who opens what was printed. */
  async function open(options: Parameters<Browser['newContext']>[0] = {}): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`));
    await page.goto(served.url);
    await page.getByRole('row', { name: /tickets/ }).waitFor();
    return { page, context };
  }

  test('the token leaves the address, the cookie is out of reach of scripts, and another browser gets nothing without it', async () => {
    const { page, context } = await open();
    expect(page.url()).toBe(`http://127.0.0.1:${served.port}${served.base}`);
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await context.cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: served.base }]);
    const stranger = await browser.newContext();
    onTestFinished(() => stranger.close());
    const other = await stranger.newPage();
    const answer = await other.goto(page.url());
    expect(answer?.status()).toBe(401);
    expect(await other.innerText('body')).toContain('open the URL that mcp-operator dashboard printed');
  });

  test('the broken one of twenty is found, says why in the words of the status, and its recovery is seen without a reload', async () => {
    const { page } = await open();
    await page.getByRole('link', { name: '20 in all' }).waitFor();
    await page.evaluate('window.sameDocument = true');
    // Trouble stands first.
    expect(await page.getByRole('row').nth(1).innerText()).toContain('tickets');
    await page.getByLabel('State').selectOption('not Ready');
    await page.getByText('1 of 20 MCPServers match.').waitFor({ state: 'attached' });
    expect(await page.getByRole('row').count()).toBe(2);
    await page.getByRole('link', { name: 'tickets', exact: true }).click();
    await page.getByRole('heading', { level: 1, name: /tickets/ }).waitFor();
    const { status } = await scene.fleet.read('tickets');
    const message = status?.conditions?.find(({ type }) => type === 'Ready')?.message ?? '';
    expect(message).toContain('set spec.path to it');
    await page.locator('.head .message', { hasText: message }).waitFor();
    await scene.fleet.edit('tickets', { path: null });
    await page.locator('.head .verdict', { hasText: 'Verified' }).waitFor();
    await page.getByRole('link', { name: '← All MCPServers' }).click();
    expect(page.url()).toContain('phase=not+Ready');
    await page.getByText('None matches what is chosen above.').waitFor();
    await page.getByRole('button', { name: 'Show all' }).click();
    await page.getByRole('link', { name: '20 Ready', exact: true }).waitFor();
    expect(await page.evaluate('window.sameDocument')).toBe(true);
    await scene.fleet.edit('tickets', { path: '/nope' });
    await page.getByRole('link', { name: '1 not Ready' }).waitFor();
  });

  test('a client configuration is copied as it is pasted', async () => {
    const { page, context } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.getByRole('link', { name: 'weather-00' }).click();
    await page.getByRole('combobox', { name: 'Configuration of' }).selectOption({ label: 'VS Code, on this machine' });
    await page.getByRole('button', { name: 'Copy: Configuration of VS Code, on this machine' }).click();
    await page.getByText('Copied', { exact: true }).first().waitFor();
    const copied = JSON.parse(await page.evaluate('navigator.clipboard.readText()')) as unknown;
    expect(copied).toEqual({ servers: { 'weather-00': { type: 'http', url: 'http://127.0.0.1:8080/mcp' } } });
    await context.clearPermissions();
  });

  test('what others say is text: no element, no link, no script, no other direction, no width', async () => {
    const { client, namespace } = scene.fleet;
    await scene.fleet.create('hostile', { args: [HOSTILE.replaceAll('\u202E', ''), ...Array.from({ length: 60 }, () => 'W'.repeat(8000))] });
    const { metadata: { uid } } = await scene.fleet.until('hostile', 'Ready', ['False']);
    const regarding = { kind: 'MCPServer', name: 'hostile', uid, namespace };
    await client.create(EVENTS, {
      apiVersion: 'events.k8s.io/v1', kind: 'Event', metadata: { name: 'hostile', namespace }, eventTime: '2026-11-30T10:00:00.000000Z', type: 'Warning', reason: 'Odd',
      action: 'Look', reportingController: 'test', reportingInstance: 'test', note: `${HOSTILE} ${'W'.repeat(800)}`, regarding,
    } as unknown as KubernetesObject);
    const { page } = await open({ viewport: { width: 360, height: 740 } });
    await page.getByRole('link', { name: 'hostile' }).click();
    await page.locator('.timeline', { hasText: 'onerror' }).waitFor();
    await page.locator('section', { has: page.getByRole('heading', { name: 'Last words' }) }).getByText('onerror').waitFor();
    const text = await page.innerText('main');
    expect(text).toContain('<img src=x onerror="document.title=\'owned\'">');
    expect(text).not.toContain('\u202E');
    expect(await page.locator('main img, main script, main iframe, main a[href^="javascript"], main a[href^="http"]').count()).toBe(0);
    expect(await page.title()).toBe('hostile – MCPServers');
    expect(text.length).toBeLessThan(100_000);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  test.each(['light', 'dark'] as const)('axe-core finds nothing serious in %s, in the table and in one MCPServer', async (colorScheme) => {
    const { page } = await open({ colorScheme, bypassCSP: true });
    expect(await seriousIn(page)).toEqual([]);
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor');
    expect(ground).toBe(colorScheme === 'dark' ? 'rgb(20, 23, 28)' : 'rgb(251, 251, 252)');
    await page.getByRole('link', { name: 'tickets', exact: true }).click();
    await page.getByRole('heading', { name: 'On the command line' }).waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await seriousIn(page)).toEqual([]);
  });

  test.each([360, 768, 1920])('%i px wide nothing has to be scrolled sideways', async (width) => {
    const { page } = await open({ viewport: { width, height: 740 } });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
    expect(await page.getByRole('table', { name: 'MCPServers' }).getByRole('row', { name: /tickets/ }).innerText()).toContain('WrongPath');
    await page.getByRole('link', { name: 'tickets', exact: true }).click();
    await page.getByRole('heading', { name: 'On the command line' }).waitFor();
    for (const summary of await page.locator('summary').all()) await summary.click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
  });

  test('by keyboard alone one searches, opens, reads, copies and comes back', async () => {
    const { page } = await open({ permissions: ['clipboard-read', 'clipboard-write'] });
    await page.keyboard.press('/');
    await page.keyboard.type('wrongpath');
    await page.getByText(/^1 of 2\d MCPServers match/).waitFor({ state: 'attached' });
    const focused = (): Promise<string> => page.evaluate('document.activeElement.innerText || document.activeElement.ariaLabel || ""');
    const tabTo = async (name: string): Promise<void> => {
      for (let presses = 0; presses < 60; presses += 1) {
        await page.keyboard.press('Tab');
        if ((await focused()).includes(name)) return;
      }
      throw new Error(`nothing named ${name} gets the focus`);
    };
    await tabTo('tickets');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What to do' }).waitFor();
    expect(await focused()).toContain('tickets');
    await tabTo('kubectl');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('Copied', { exact: true }).first().waitFor();
    expect(await page.evaluate('navigator.clipboard.readText()')).toBe(`kubectl -n ${scene.namespace} edit mcps tickets`);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toContain('All MCPServers');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /tickets/ }).waitFor();
    expect(await page.getByRole('searchbox').inputValue()).toBe('wrongpath');
    expect(await focused()).toBe('tickets');
  });

  test('when the dashboard ends the page says so, and that what it shows is from before', async () => {
    const own = await serveDashboard(inject('kubeconfig'), ['-n', scene.namespace]);
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    await page.goto(own.url);
    await page.getByRole('row', { name: /tickets/ }).waitFor({ timeout: LIMIT_MS });
    await own.cli.end();
    await page.getByText('see whether mcp-operator dashboard still runs').waitFor({ timeout: LIMIT_MS });
    expect(await page.getByRole('row', { name: /tickets/ }).count()).toBe(1);
  });

  test('nothing was loaded from elsewhere, and no script failed', () => {
    expect([...asked]).toEqual([`http://127.0.0.1:${served.port}`]);
    expect(wrong).toEqual([]);
  });
});

/** What axe-core finds that keeps people from using the page. */
async function seriousIn(page: Page): Promise<string[]> {
  // Its own policy forbids the page to run what is not its own: axe comes past it, as a debugger does.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
  const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  return serious.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** What a container said before it ended is whatever it likes. */
const CRASHED = {
  placed: true,
  status: {
    phase: 'Running',
    containerStatuses: [{
      name: 'mcp-server', image: 'x', imageID: '', ready: false, restartCount: 5,
      state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
      lastState: { terminated: { exitCode: 1, reason: 'Error', message: `${HOSTILE}\n${'W'.repeat(2000)}` } },
    }],
  },
};
