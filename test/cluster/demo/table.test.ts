// The table of MCPServers: what a row says of each state, and the commands that mend one.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { BROKEN, DICE, FOUND, KUBERNETES, listed, VERIFIED, WRONG_PATH } from './listed.ts';
import { mendingOf, typed } from './mending.ts';
import { isBrokenAsMeant, isUp } from './readiness.ts';
import { cutText, painted, wrapText } from './spans.ts';
import { logLine, table, type Listed } from './table.ts';

const rows = (all: readonly Listed[], width = 80): string[] => table(all, width).slice(1).map((line) => painted(line, false).trimEnd());

test('a server that the operator has not looked at since it was changed is not Ready, whatever its conditions say', () => {
  const stale = listed({ name: 'a', ready: VERIFIED, observedGeneration: 2, status: { phase: 'Ready' }, url: 'http://127.0.0.1:1/mcp' });
  expect(rows([stale])).toEqual(['… a     Ready  0/1', '  the operator has not looked at it yet']);
});

test('servers of the same name are told apart by their namespaces, and long names are cut', () => {
  const twin = listed({ name: 'dice', namespace: 'tools', ready: VERIFIED });
  expect(rows([twin, DICE]).map((row) => row.split(/ +/)[1])).toEqual(['default/dice', 'tools/dice']);
  const [row = ''] = rows([listed({ name: 'x'.repeat(63), ready: VERIFIED, url: 'http://127.0.0.1:10000/mcp' })]);
  expect(row).toMatch(/^✔ x{23}… {2}.* http:\/\/127\.0\.0\.1:10000\/mcp$/);
});

test('a message is wrapped, and cut behind the fourth line', () => {
  const lines = rows([listed({ name: 'a', ready: { status: 'False', reason: 'CrashLoop', message: 'word '.repeat(200) } })], 40);
  expect(lines).toHaveLength(5);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
  expect(lines[4]).toMatch(/…$/);
});

test('of an autoscaled server the pods that there are count, of another those that are asked for', () => {
  expect(rows([listed({ name: 'a', ready: VERIFIED, spec: { replicas: 3 }, status: { readyReplicas: 1, replicas: 1 } })])[0]).toContain(' 1/3 ');
  const autoscaling = { minReplicas: 1, maxReplicas: 9 };
  expect(rows([listed({ name: 'a', ready: VERIFIED, spec: { autoscaling }, status: { readyReplicas: 2, replicas: 5 } })])[0]).toContain(' 2/5 ');
});

test('without a terminal a line says the same, the command that mends it too', () => {
  expect(logLine(DICE)).toBe('default/dice Ready 1/1 http://127.0.0.1:19976/mcp');
  expect(logLine(BROKEN)).toBe(`default/broken Failed 1/1 WrongPath: ${FOUND} Mend it: kubectl patch mcps broken --type merge -p '{"spec":{"path":"/mcp"}}'`);
});

test('the command that mends names the namespace where it is not the default one, and only what the operator found', () => {
  const message = 'POST /x was answered with HTTP 404 (no content type). POST /it\'s/mcp works: set spec.path to it.';
  const { server } = listed({ name: 'a', namespace: 'tools', ready: { status: 'False', reason: 'WrongPath', message } });
  expect(mendingOf(server)).toEqual(['-n', 'tools', 'patch', 'mcps', 'a', '--type', 'merge', '-p', `{"spec":{"path":"/it's/mcp"}}`]);
  expect(mendingOf(DICE.server)).toBeUndefined();
  const stale = listed({ name: 'a', ready: WRONG_PATH, observedGeneration: 2 });
  expect(mendingOf(stale.server)).toBeUndefined();
});

test('a shell reads a typed command as the words that were meant', () => {
  const words = ['printf', '%s|', '{"a":"b"}', "it's", '$HOME `id` \\', '', 'a b', '*'];
  expect(execFileSync('/bin/sh', ['-c', typed(words)], { encoding: 'utf8' })).toBe(words.slice(2).map((word) => `${word}|`).join(''));
});

test('the demonstration is up when all are Ready but the one that is broken on purpose, or that one too', () => {
  expect(isUp([DICE, KUBERNETES, BROKEN].map(({ server }) => server))).toBe(true);
  expect(isUp([DICE, listed({ name: 'broken', ready: VERIFIED })].map(({ server }) => server))).toBe(true);
  expect(isUp([])).toBe(false);
  expect(isUp([DICE, listed({ name: 'other', ready: WRONG_PATH })].map(({ server }) => server))).toBe(false);
  expect(isUp([listed({ name: 'broken', ready: { ...WRONG_PATH, reason: 'Progressing' } }).server])).toBe(false);
  expect(isBrokenAsMeant(listed({ name: 'broken', namespace: 'tools', ready: WRONG_PATH }).server)).toBe(false);
});

test.each([['abc', 3, 'abc'], ['abcd', 3, 'ab…'], ['語語語', 4, '語…'], ['e\u0301e\u0301', 2, 'e\u0301e\u0301'], ['abc', 0, '']])('%s in %i columns is %s', (text, width, cut) => {
  expect(cutText(text, width)).toBe(cut);
});

test('words that are wider than a line are parted', () => {
  expect(wrapText('a bcdefgh i', 3)).toEqual(['a', 'bcd', 'efg', 'h i']);
  expect(wrapText('  ', 3)).toEqual([]);
});
