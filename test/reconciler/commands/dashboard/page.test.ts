// What the page decides by itself: which rows are shown in which order, what an address means, and that what is served is what the sources say.
import { describe, expect, test } from 'vitest';
import { chosen, counted, NO_FILTERS, NOT_READY, paged, PAGE_ROWS } from '../../../../reconciler/commands/dashboard/page/filters.ts';
import { fleetHash, routeOf, serverHash } from '../../../../reconciler/commands/dashboard/page/route.ts';
import pageJson from '../../../../reconciler/commands/dashboard/page.json' with { type: 'json' };
import type { Row } from '../../../../reconciler/commands/dashboard/told.ts';

function row(name: string, part: Partial<Row> = {}): Row {
  return {
    key: `tools/${name}`, namespace: 'tools', name, phase: 'Ready', ready: 'True', reason: 'Verified', message: 'It speaks MCP.', replicas: 1, readyReplicas: 1,
    endpoint: `http://${name}.tools.svc:8080/mcp`, server: 'sample', version: '1.0.0', since: '2026-11-30T10:00:00.000Z', verdictSince: '2026-11-30T10:00:00.000Z', ...part,
  };
}

const ROWS = [
  row('b'), row('a'),
  row('broken', { phase: 'Failed', ready: 'False', reason: 'CrashLoop', message: 'API_KEY is not set', server: null, version: null, readyReplicas: 0 }),
  row('old', { phase: 'Ready', ready: 'Unknown', reason: 'NotObserved' }),
  row('slow', { phase: 'Updating', ready: 'False', reason: 'Progressing', verdictSince: null, replicas: 3 }),
];
const names = (rows: readonly Row[]): string[] => rows.map(({ name }) => name);

describe('rows', () => {
  test('stand with those in trouble first, then by name', () => {
    expect(names(chosen(ROWS, NO_FILTERS))).toEqual(['broken', 'slow', 'old', 'a', 'b']);
  });

  test.each([
    [{ text: 'API_key' }, ['broken']],
    [{ text: 'tools/ svc:8080 spEAKs' }, ['slow', 'old', 'a', 'b']],
    [{ text: 'nothing like it' }, []],
    [{ phase: 'Failed' }, ['broken']],
    [{ phase: NOT_READY }, ['broken', 'slow', 'old']],
    [{ reason: 'Progressing' }, ['slow']],
    [{ phase: NOT_READY, reason: 'CrashLoop', text: 'broken' }, ['broken']],
    [{ sort: 'name', isReversed: true }, ['slow', 'old', 'broken', 'b', 'a']],
    [{ sort: 'replicas' }, ['slow', 'broken', 'a', 'b', 'old']],
    [{ sort: 'server' }, ['a', 'b', 'old', 'slow', 'broken']],
  ] as const)('are chosen by %j', (filters, expected) => {
    expect(names(chosen(ROWS, { ...NO_FILTERS, ...filters }))).toEqual(expected);
  });

  test('are counted by what they can be chosen by', () => {
    expect(counted(ROWS, 'phase')).toEqual([['Ready', 3], ['Failed', 1], ['Updating', 1]]);
  });

  test('come in pages, and a page that is no more is the last one', () => {
    const many = Array.from({ length: PAGE_ROWS * 2 + 1 }, (_, index) => row(`s${index}`));
    expect(paged(many, 3)).toMatchObject({ rows: [{ name: `s${PAGE_ROWS * 2}` }], page: 3, pages: 3 });
    expect(paged(many.slice(0, 3), 3)).toMatchObject({ page: 1, pages: 1 });
    expect(paged([], 1)).toEqual({ rows: [], page: 1, pages: 1 });
  });
});

test('what is served carries the licence of what it is made with, and asks for nothing from elsewhere', () => {
  expect(pageJson.script).toMatch(/^\/\*\n-+\npreact \d+\.\d+\.\d+ \(MIT\)\n[^]*Permission is hereby granted[^]*?\*\/\n/);
  const code = pageJson.script.replace(/^\/\*[^]*?\*\//, '');
  // Names of XML, which nobody fetches.
  expect([...new Set(code.match(/https?:\/\/[\w./-]+/g))].filter((url) => !url.startsWith('http://www.w3.org/'))).toEqual([]);
  expect(pageJson.style).not.toMatch(/url\(|@import/);
});

describe('addresses', () => {
  const ALL = { text: 'a b&c=#?', phase: NOT_READY, reason: 'CrashLoop', sort: 'server', isReversed: true, page: 7 } as const;

  test.each([NO_FILTERS, ALL])('bring back what was chosen: %j', (filters) => {
    expect(routeOf(fleetHash(filters))).toEqual({ kind: 'fleet', filters });
  });

  test('name one MCPServer', () => {
    expect(routeOf(serverHash({ namespace: 'tools', name: 'weather' }))).toEqual({ kind: 'server', namespace: 'tools', name: 'weather' });
  });

  test.each(['', '#', '#/', '#nonsense', '#/?page=-1&sort=__proto__', '#/a/b/c', '#//'])('that mean nothing are the whole table: %s', (hash) => {
    expect(routeOf(hash)).toEqual({ kind: 'fleet', filters: NO_FILTERS });
  });

  test('that are broken break nothing', () => {
    expect(routeOf('#/%E0%A4%A/x')).toEqual({ kind: 'server', namespace: '%E0%A4%A', name: 'x' });
  });
});
