// Tools of a real MCP server in a pod, listed and called from the page in a real Chromium, over a port-forward through a real API server; and who else
// asks gets nothing called.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { KubernetesClient } from '../../../../kubernetes/client.ts';
import { connect } from '../../../../kubernetes/connect.ts';
import { startControlPlane, type ControlPlane } from '../../../cluster/control-plane.ts';
import { startProcessNode, type ProcessNode } from '../../../cluster/process-node/process-node.ts';
import { chromiumIsMissing, startChromium } from '../../../support/chromium.ts';
import { eventually } from '../../../support/cluster.ts';
import { ensureCrd } from '../../../support/crd.ts';
import { startOperatorProcess, type OperatorProcess } from '../../../support/operator.ts';
import { tryingServer } from '../../../support/trying-server.ts';
import { Fleet } from '../../scene.ts';
import { kubeconfigWith } from './limited-user.ts';
import { askInside, serveDashboard, type Served } from './served.ts';

const LIMIT_MS = 15_000;
const CANARY = 'c4n4ry-7f3a';

let folder: string;
let log: string;
let plane: ControlPlane;
let node: ProcessNode;
let operator: OperatorProcess;
let client: KubernetesClient;
let served: Served;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tools-'));
  log = join(folder, 'log');
  await writeFile(log, '');
  const program = join(folder, 'server.mjs');
  await writeFile(program, tryingServer(log));
  plane = await startControlPlane({ dir: join(folder, 'plane'), egress: true });
  node = await startProcessNode({ controlPlane: plane, dir: join(folder, 'pods'), images: { 'trying:1': [process.execPath, program] } });
  client = new KubernetesClient(await connect({ kubeconfig: plane.kubeconfig, env: {} }), { userAgent: 'test' });
  await ensureCrd(client);
  operator = await startOperatorProcess(plane.kubeconfig);
  const fleet = new Fleet(client, 'default');
  await fleet.create('trying', { image: 'trying:1' });
  await fleet.ready('trying');
  served = await serveDashboard(plane.kubeconfig, ['-n', 'default']);
}, 120_000);
afterAll(async () => {
  await served?.cli.end();
  await operator?.stop();
  client?.close();
  await node?.stop();
  await plane?.stop();
  await rm(folder, { recursive: true, force: true });
});

const logged = async (): Promise<string[]> => (await readFile(log, 'utf8')).split('\n').filter(Boolean);

const cancelled = async (): Promise<number> => (await logged()).filter((line) => line === 'cancelled').length;

async function call(page: Page, tool: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Tool', exact: true }).selectOption(tool);
  await page.getByRole('button', { name: 'Look over the call' }).click();
  await page.getByRole('button', { name: `Call ${tool}`, exact: true }).click();
}

/** The key that stands in the page. */
async function deedOf(of: Served): Promise<string> {
  const { body } = await askInside(of, '');
  return /<meta name="deed" content="([\w-]{43})">/.exec(body)?.[1] ?? '';
}

function without(headers: Record<string, string>, name: string): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([each]) => each !== name));
}

describe('who asks for a call', () => {
  const CALL = JSON.stringify({ namespace: 'default', name: 'trying', header: null, tool: 'echo', arguments: { word: 'hi' } });
  let own: Record<string, string>;

  beforeAll(async () => {
    own = { 'origin': `http://127.0.0.1:${served.port}`, 'content-type': 'application/json', 'x-dashboard-deed': await deedOf(served) };
  });
  const post = (headers: Record<string, string>, body = CALL): ReturnType<typeof askInside> =>
    askInside(served, 'tools/call', { method: 'POST', headers, body });

  test.each<[string, (own: Record<string, string>) => Record<string, string>, number]>([
    ['without an origin', (own) => without(own, 'origin'), 403],
    ['from another origin', (own) => ({ ...own, origin: 'http://127.0.0.1:1' }), 403],
    ['under another name', (own) => ({ ...own, host: 'rebound.example.com' }), 403],
    ['without the cookie', (own) => ({ ...own, cookie: '' }), 401],
    ['without the key of the page', (own) => without(own, 'x-dashboard-deed'), 403],
    ['as a form is sent', (own) => ({ ...own, 'content-type': 'text/plain' }), 415],
    ['of another site', (own) => ({ ...own, 'sec-fetch-site': 'cross-site' }), 403],
  ])('gets nothing called %s', async (_, change, status) => {
    expect((await post(change(own))).status).toBe(status);
    expect(await logged()).toEqual([]);
  });

  test.each<[string, string, number, RegExp]>([
    ['a body of 65 KiB', JSON.stringify({ x: 'y'.repeat(65 * 1024) }), 413, /^This is too long: 64 KiB at most\.\n$/],
    ['no JSON', '{', 200, /^\{"problem":"[^"]+\."\}$/],
    ['a namespace that is not shown', CALL.replace('default', 'kube-system'), 200, /^\{"problem":"There is no such MCPServer\."\}$/],
  ])('gets nothing called with %s', async (...[, body, status, said]) => {
    const answer = await post(own, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatch(said);
    expect(await logged()).toEqual([]);
  });

  test('with all of it gets it called, once', async () => {
    const { status, body } = await post(own);
    expect([status, JSON.parse(body)]).toMatchObject([200, { problem: null, isError: false, parts: [{ kind: 'text', text: '{"word":"hi"}' }] }]);
    expect(await logged()).toEqual(['call echo']);
  });

  test('Ctrl-C ends a call that goes on, and the server is told', async () => {
    const ended = await serveDashboard(plane.kubeconfig, ['-n', 'default']);
    onTestFinished(async () => { await ended.cli.end('SIGKILL'); });
    const headers = { ...own, 'origin': `http://127.0.0.1:${ended.port}`, 'x-dashboard-deed': await deedOf(ended) };
    const before = await cancelled();
    const body = CALL.replace('echo', 'slow');
    const call = askInside(ended, 'tools/call', { method: 'POST', headers, body }).catch((error: Error) => error.message);
    await eventually(async () => expect((await logged()).at(-1)).toBe('call slow'));
    expect(await ended.cli.end('SIGINT')).toEqual({ code: 0, signal: null });
    await call;
    await eventually(async () => expect(await cancelled()).toBe(before + 1));
  });

  test('who may not forward ports is told what to ask for, and nothing is called', async () => {
    const before = await logged();
    const rules = [
      { apiGroups: ['mcp.example.com'], resources: ['mcpservers'], verbs: ['get', 'list', 'watch'] }, { apiGroups: [''], resources: ['pods'], verbs: ['list'] },
    ];
    const user = await kubeconfigWith(client, 'default', { rules, of: plane.kubeconfig });
    onTestFinished(() => user.remove());
    const limited = await serveDashboard(user.kubeconfig, ['-n', 'default']);
    onTestFinished(async () => { await limited.cli.end(); });
    const headers = { ...own, 'origin': `http://127.0.0.1:${limited.port}`, 'x-dashboard-deed': await deedOf(limited) };
    const told = await eventually(async () => {
      const { body } = await askInside(limited, 'tools/call', { method: 'POST', headers, body: CALL });
      expect(body).not.toContain('no such MCPServer');
      return body;
    });
    expect(told).toMatch(/You may not do this: .* pods\/portforward in the namespace\. Ask whoever administers the cluster/);
    expect(await logged()).toEqual(before);
  });
});

describe.skipIf(chromiumIsMissing())('in a browser', () => {
  let browser: Browser;
  const wrong: string[] = [];
  const asked = new Set<string>();

  beforeAll(async () => { browser = await startChromium(); });
  afterAll(() => browser?.close());

  async function open(width = 1280): Promise<Page> {
    const context = await browser.newContext({ viewport: { width, height: 800 } });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    page.on('pageerror', (error) => wrong.push(String(error)));
    page.on('dialog', (dialog) => wrong.push(`dialog: ${dialog.message()}`));
    page.on('request', (request) => asked.add(new URL(request.url()).origin));
    await page.goto(served.url);
    await page.getByRole('link', { name: 'trying', exact: true }).click();
    return page;
  }

  async function listed(width?: number): Promise<Page> {
    const page = await open(width);
    await page.getByRole('button', { name: 'List its tools', exact: true }).click();
    await page.getByText('It lists 9 tools.').waitFor();
    return page;
  }

  test('nothing is connected before it is asked for; a tool is called by a form, and only after a second click', async () => {
    const page = await listed();
    const before = await logged();
    await page.getByRole('combobox', { name: 'Tool', exact: true }).selectOption('echo');
    await page.getByText('The server claims: it changes nothing; it stays within its own. Nobody has checked that.').waitFor();
    expect(await page.getByLabel('times').inputValue()).toBe('2');
    await page.getByRole('button', { name: 'Look over the call' }).click();
    await page.getByText('This is required.').waitFor();
    await page.getByLabel('Word (required)', { exact: true }).fill('hello');
    await page.getByLabel('times').fill('2.5');
    await page.getByRole('button', { name: 'Look over the call' }).click();
    await page.getByText('This is no whole number.').waitFor();
    await page.getByLabel('times').fill('3');
    await page.getByLabel('loud').selectOption('true');
    await page.getByLabel('tone').selectOption('hard');
    await page.getByLabel('tags').fill('a\nb');
    await page.getByRole('group', { name: 'To whom' }).getByLabel('name').fill('Ada');
    // From here by keyboard alone.
    await page.getByRole('button', { name: 'Look over the call' }).focus();
    await page.keyboard.press('Enter');
    await page.getByText('It does what it does, at once.').waitFor();
    expect(await logged()).toEqual(before);
    await page.keyboard.press('Enter');
    await page.getByText(/echo answered after \d+ ms\./).waitFor();
    const result = JSON.parse(await page.getByRole('group', { name: /Text of the result/ }).innerText()) as unknown;
    expect(result).toEqual({ word: 'hello', times: 3, loud: true, tone: 'hard', tags: ['a', 'b'], to: { name: 'Ada' } });
    expect(await logged()).toEqual([...before, 'call echo']);
  });

  test('a tool that fails, one that answers with a picture, and one of 2 MiB', async () => {
    const page = await listed();
    await call(page, 'fail');
    await page.getByText(/fail says that it failed after \d+ ms\./).waitFor();
    await page.getByText('it broke').waitFor();
    await call(page, 'media');
    await page.getByText('image/png, 3 KB: not shown').waitFor();
    await page.getByRole('group', { name: 'Structured of the result, part 2' }).waitFor();
    await call(page, 'large');
    await page.getByText('The result is longer than what is shown of it').waitFor();
    expect((await page.getByRole('group', { name: /Text of the result/ }).innerText()).length).toBe(1024 * 1024);
  });

  test('a slow call is ended by the person and by closing the tab, and the server is told', async () => {
    const page = await listed();
    const before = await cancelled();
    await call(page, 'slow');
    await eventually(async () => expect((await logged()).at(-1)).toBe('call slow'));
    await page.getByRole('button', { name: 'Stop the call' }).click();
    await page.getByText('You ended the call: whether the tool did what it does is not known.').waitFor();
    await eventually(async () => expect(await cancelled()).toBe(before + 1));
    await call(page, 'slow');
    await eventually(async () => expect((await logged()).at(-1)).toBe('call slow'));
    await page.close();
    await eventually(async () => expect(await cancelled()).toBe(before + 2));
  });

  test('what a server says of its tools is text, and a schema that is too much is JSON', async () => {
    const page = await listed(360);
    await page.getByRole('combobox', { name: 'Tool', exact: true }).selectOption('hostile');
    await page.locator('.tool h3', { hasText: '<img src=x' }).waitFor();
    expect(await page.locator('main img, main script, main iframe, main a[href^="http"]').count()).toBe(0);
    expect(await page.innerText('.tool')).not.toContain('\u202E');
    await page.getByLabel(/<img src=x/).first().fill('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!');
    await page.getByRole('button', { name: 'Look over the call' }).click();
    await page.getByRole('button', { name: 'Call hostile', exact: true }).click();
    await page.getByRole('group', { name: /Text of the result/ }).getByText('onerror').waitFor();
    expect(await page.title()).not.toBe('owned');
    for (const tool of ['deep', 'wide']) {
      await page.getByRole('combobox', { name: 'Tool', exact: true }).selectOption(tool);
      await page.getByText('No form can be made of its input schema').waitFor();
      await page.getByLabel(/Arguments as a JSON object/).fill('{"a":');
      await page.getByRole('button', { name: 'Look over the call' }).click();
      await page.getByText('This is no JSON').waitFor();
    }
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBeLessThanOrEqual(360);
  });

  test('a credential goes to the pod and nowhere else', async () => {
    const page = await open();
    await page.getByText('It needs a credential').click();
    await page.getByLabel(/Name of a header/).fill('X-Key');
    await page.getByLabel(/Its value/).fill(CANARY);
    await page.getByRole('button', { name: 'List its tools', exact: true }).click();
    await page.getByText('It lists 9 tools.').waitFor();
    expect(await logged()).toContain(`key ${CANARY}`);
    expect(JSON.stringify(await page.context().storageState())).not.toContain(CANARY);
    expect(page.url()).not.toContain(CANARY);
    expect(JSON.stringify(served.cli.printed())).not.toContain(CANARY);
  });

  test('nobody is kept from the form', async () => {
    const page = await listed();
    await page.getByRole('combobox', { name: 'Tool', exact: true }).selectOption('echo');
    await page.getByLabel('Word (required)', { exact: true }).fill('hello');
    await page.getByRole('button', { name: 'Look over the call' }).click();
    await page.getByText('It does what it does, at once.').waitFor();
    await page.evaluate(axe.source);
    const { violations } = (await page.evaluate('axe.run()')) as axe.AxeResults;
    expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id }) => id)).toEqual([]);
  });

  // The last: it takes the server away.
  test('a server that dies in between is told of', async () => {
    const page = await listed();
    await call(page, 'die');
    await page.locator('[role=status] .wrong').first().waitFor();
    expect(await page.locator('[role=status] .wrong').first().innerText()).toMatch(/closed the connection|reached|failed/);
  });

  test('nothing was loaded from elsewhere, and no script failed', () => {
    expect([...asked]).toEqual([`http://127.0.0.1:${served.port}`]);
    expect(wrong).toEqual([]);
  });
});
