// The screen of `npm start` at several sizes: the broken server and its remedy are always there, and nothing is wider or higher than the terminal.
import { describe, expect, test } from 'vitest';
import { DEMO, DICE, FOUND, listed, VERIFIED } from './listed.ts';
import { nextSteps } from './next-steps.ts';
import { screen, type Size, type View } from './screen.ts';
import { painted, rowsOf, widthOf } from './spans.ts';
import type { Listed } from './table.ts';

const FOLDER = '/home/ada/.local/state/mcp-server-operator/demo';
const DASHBOARD = 'http://127.0.0.1:14071/?token=a1B2c3D4e5F6g7H8i9J0kL';
const PLACES = { dashboard: DASHBOARD, http: `${FOLDER}/mcp.json`, stdio: `${FOLDER}/mcp-stdio.json`, kubeconfig: `${FOLDER}/kubeconfig`, kubectlFolder: undefined };

function viewOf(all: readonly Listed[], other: Partial<View> = {}): View {
  const entries = all.flatMap(({ server, url }) => {
    const { name } = server.metadata;
    return url === undefined || name === 'broken' ? [] : [{ name, server, url, token: undefined }];
  });
  return { listed: all, title: 'real containers', seconds: 19, wasUp: true, remarks: [], steps: nextSteps(entries, PLACES), ...other };
}

const textOf = (view: View, size: Size): string => screen(view, size).map((line) => painted(line, false)).join('\n');
const heightOf = (view: View, size: Size): number => screen(view, size).reduce((sum, line) => sum + rowsOf(line, size.columns), 0);

describe('the demonstration, once it is up', () => {
  test('at 80 by 24 shows what is wrong, the command that mends it, and the next steps', () => {
    expect(`\n${textOf(viewOf(DEMO), { columns: 80, rows: 24 })}\n`).toBe(String.raw`
3 of 4 Ready (in 19 s); broken is broken on purpose      Ctrl-C stops everything

  NAME                   PHASE   PODS  REASON     URL ON THIS MACHINE
✖ broken                 Failed  1/1   WrongPath
  POST /wrong was answered with HTTP 404 (text/plain: MCP is at /mcp.). POST
  /mcp works: set spec.path to it.
  mend it: kubectl patch mcps broken --type merge -p '{"spec":{"path":"/mcp"}}'
✔ dice                   Ready   1/1   Verified   http://127.0.0.1:19976/mcp
✔ notes                  Ready   1/1   Verified   http://127.0.0.1:22156/mcp
✔ kubernetes-mcp-server  Ready   1/1   Verified   http://127.0.0.1:17888/mcp

Dashboard    http://127.0.0.1:14071/?token=a1B2c3D4e5F6g7H8i9J0kL
Clients      /home/ada/.local/state/mcp-server-operator/demo/mcp.json
Inspector    npx @modelcontextprotocol/inspector --transport http --server-url http://127.0.0.1:19976/mcp
Claude Code  claude mcp add --transport http dice http://127.0.0.1:19976/mcp
VS Code      code --add-mcp '{"name":"dice","type":"http","url":"http://127.0.0.1:19976/mcp"}'
Cursor       cp /home/ada/.local/state/mcp-server-operator/demo/mcp.json .cursor/mcp.json
kubectl      export KUBECONFIG=/home/ada/.local/state/mcp-server-operator/demo/kubeconfig
Break one    kubectl patch mcps dice --type merge -p '{"spec":{"path":"/nope"}}'
Your own     npm start -- --image FILE --apply FILE (docs/first-server.md)
`);
  });

  test('at 140 by 45 says besides what each server says it is', () => {
    const lines = textOf(viewOf(DEMO), { columns: 140, rows: 45 }).split('\n');
    expect(lines[0]).toBe(`3 of 4 Ready (in 19 s); broken is broken on purpose  real containers${' '.repeat(49)}Ctrl-C stops everything`);
    expect(lines.slice(2, 9)).toEqual([
      '  NAME                   PHASE   PODS  REASON     URL ON THIS MACHINE         SERVES',
      '✖ broken                 Failed  1/1   WrongPath',
      `  ${FOUND}`,
      `  mend it: kubectl patch mcps broken --type merge -p '{"spec":{"path":"/mcp"}}'`,
      '✔ dice                   Ready   1/1   Verified   http://127.0.0.1:19976/mcp  dice 1.0.0, 2026-07-28',
      '✔ notes                  Ready   1/1   Verified   http://127.0.0.1:22156/mcp  notes 1.0.0, 2025-11-25',
      '✔ kubernetes-mcp-server  Ready   1/1   Verified   http://127.0.0.1:17888/mcp  kubernetes-mcp-server 0.1.0, 2026-07-28',
    ]);
    expect(lines).toContain(`Desktop      ${FOLDER}/mcp-stdio.json (clients that start programs)`);
  });

  test('is coloured by the palette of the terminal, and says the same without', () => {
    const lines = screen(viewOf(DEMO), { columns: 80, rows: 24 });
    expect(painted(lines[3] ?? [], true)).toBe('\u001B[31m✖ \u001B[39m\u001B[1mbroken                 \u001B[22m\u001B[31mFailed  \u001B[39m1/1   \u001B[31mWrongPath\u001B[39m');
    expect(painted(lines[7] ?? [], true)).toContain('\u001B[32m✔ \u001B[39m');
    // oxlint-disable-next-line eslint/no-control-regex -- these are what is looked for
    for (const line of lines) expect(painted(line, true).replaceAll(/\u001B\[\d+m/g, '')).toBe(painted(line, false));
  });
});

const SIZES = [20, 40, 60, 80, 81, 120, 200].flatMap((columns) => [5, 8, 12, 24, 50].map((rows) => ({ columns, rows })));
const LONG = listed({ name: 'long', ready: { status: 'False', reason: 'CrashLoop', message: `${'語'.repeat(200)} ${'words '.repeat(100)}${'x'.repeat(300)}` } });
const MANY = Array.from({ length: 40 }, (_, index) => listed({ name: `server-${String(index).padStart(2, '0')}`, ready: VERIFIED, url: 'http://127.0.0.1:10000/mcp' }));

describe.each([['the demonstration', DEMO], ['a long message', [DICE, LONG]], ['forty servers', [...MANY, LONG]], ['nothing yet', []]])('%s', (_what, all) => {
  test.each(SIZES)('has room on a terminal of $columns by $rows', (size) => {
    const view = viewOf(all);
    expect(heightOf(view, size)).toBeLessThanOrEqual(size.rows);
    // What is to be typed may be wrapped by the terminal; all else is cut.
    const wide = screen(view, size).filter((line) => widthOf(line) > size.columns).map((line) => painted(line, false));
    expect(wide.filter((line) => !/mend it: |^\S[\w ]* {2,}\S|^ {5,}export /.test(line))).toEqual([]);
  });
});

test('where there is no room for all, those that are not Ready come first', () => {
  const lines = textOf(viewOf([...MANY, LONG]), { columns: 80, rows: 8 }).split('\n');
  expect(lines[0]).toContain('40 of 41 Ready');
  expect(lines[1]).toContain('… long');
  expect(lines.at(-1)).toBe('… and more: kubectl get mcps -A');
});

test('until all is up it says how long it takes and offers no next steps; what is unusual is said below the heading', () => {
  const lines = textOf(viewOf([DICE], { wasUp: false, steps: [], remarks: ['another npm start runs'] }), { columns: 80, rows: 24 }).split('\n');
  expect(lines[0]).toMatch(/^1 of 1 Ready, 19 s {2}real containers +Ctrl-C stops everything$/);
  expect(lines[1]).toBe('another npm start runs');
});

test('next steps are about a server that takes no token, and name a folder for kubectl where there is none', () => {
  const guarded = { name: 'kubernetes', server: DICE.server, url: 'http://127.0.0.1:1/mcp', token: 'Bearer x' };
  expect(nextSteps([guarded], PLACES).map(({ label }) => label)).toEqual(['Dashboard', 'Clients', 'Desktop', 'kubectl', 'Your own']);
  const steps = nextSteps([guarded], { ...PLACES, kubectlFolder: "/home/o'neil/bin" });
  expect(steps.map(({ text }) => text)).toContain(String.raw`export PATH='/home/o'\''neil/bin':$PATH`);
});
