// What is written to a terminal and to a file: a screen that is left for good, progress in one line, and no colours where there are to be none.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Terminal } from '../../support/terminal.ts';
import { eventually } from '../../support/cluster.ts';

const SIZE = { columns: 40, rows: 10 };
const ENVIRONMENT = { PATH: '/usr/bin:/bin' };

/** A program that has a `terminal`. */
function program(code: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'terminal-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'program.mjs');
  const module = JSON.stringify(join(import.meta.dirname, 'terminal.ts'));
  writeFileSync(file, `import { Terminal } from ${module}; const terminal = new Terminal(process.stdout, process.env);\n${code}`);
  return file;
}

function onTerminal(code: string, env: NodeJS.ProcessEnv = {}): Terminal {
  return new Terminal(`exec ${process.execPath} ${program(code)}`, { ...ENVIRONMENT, ...env }, SIZE);
}
const toFile = (code: string): string => spawnSync(process.execPath, [program(code)], { encoding: 'utf8', env: ENVIRONMENT }).stdout;

const SHOW = "terminal.show(({ columns, rows }) => [[{ text: `${columns} by ${rows}`, style: 'good' }], [{ text: 'second' }]]);";

test('a screen is drawn again when the size changes, and what is written after it was left stands below what was there before', async () => {
  const terminal = onTerminal(`terminal.log('before'); ${SHOW} process.on('SIGINT', () => { terminal.close(); ${SHOW} terminal.log('after'); process.exit(3); }); setInterval(() => undefined, 1000);`);
  await eventually(() => expect(terminal.screen()).toBe('40 by 10\nsecond'));
  terminal.resize({ columns: 60, rows: 12 });
  await eventually(() => expect(terminal.screen()).toBe('60 by 12\nsecond'));
  terminal.type('\u0003');
  expect(await terminal.ended).toBe(3);
  expect(terminal.afterScreen().replace('^C', '')).toBe('after\n');
});

test('a program that ends in the midst of it gives the terminal back, and tells the defect there', async () => {
  const terminal = onTerminal(`${SHOW} setTimeout(() => { throw new Error('a defect'); }, 100);`);
  expect(await terminal.ended).toBe(1);
  expect(terminal.afterScreen()).toContain('Error: a defect\n');
});

test.each([[{}, true], [{ NO_COLOR: '1' }, false], [{ TERM: 'vt100' }, true]])('with %j colours: %s', async (env, colours) => {
  const terminal = onTerminal(SHOW, env);
  await terminal.ended;
  expect(terminal.output.includes('\u001B[32m')).toBe(colours);
});

const PROGRESS = "for (const n of [1, 2, 3]) terminal.log(`${n} of 3 packages, and many more words than there are columns`, 'progress'); terminal.log('done');";

test('on a terminal progress is one line, cut, which the next line takes the place of', async () => {
  const terminal = onTerminal(PROGRESS);
  await terminal.ended;
  const lines = [1, 2, 3].map((n) => `${n} of 3 packages, and many more words t…`);
  expect(terminal.output).toBe([...lines, 'done\r\n'].join('\r\u001B[K'));
});

test('elsewhere it is a line now and then, and a terminal that can do nothing is as a file', async () => {
  const lines = ['1 of 3 packages, and many more words than there are columns', 'done', ''];
  expect(toFile(PROGRESS).split('\n')).toEqual(lines);
  const dumb = onTerminal(PROGRESS, { TERM: 'dumb' });
  await dumb.ended;
  expect(dumb.output.split('\r\n')).toEqual(lines);
});
