// Every command explains itself, in the help and on docs/command-line.md alike, and its examples are command lines that exist.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { commandLine } from '../../../reconciler/commands/command-line.ts';
import { manualOf } from '../../../reconciler/commands/manual.ts';
import { NO_SURROUNDINGS } from './in-process.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/command-line.md'), 'utf8');
const program = commandLine(NO_SURROUNDINGS);
const COMMANDS = program.commands.map((command): [string, Command] => [command.name(), command]);

/** What stands under the heading of a command. */
function sectionOf(name: string): string {
  return new RegExp(`^## ${name}\\n(.*?)(?=^## |$(?![^]))`, 'ms').exec(PAGE)?.[1] ?? '';
}

/** The command lines of ours in a text, each as words; those of other programs in a pipe are left out. */
function callsIn(text: string): string[][] {
  const whole = text.replaceAll(/\\\n\s*/g, ' ').replaceAll(/<\((.*?)\)/g, '\n$1').replaceAll("'", '');
  return whole.split(/[\n|]/).map((part) => part.trim().split(/\s+/)).filter(([first]) => first === 'mcp-operator').map((words) => words.slice(1));
}

describe.each(COMMANDS)('%s', (name, command) => {
  const manual = manualOf(command);

  test('has exit codes and examples', () => {
    expect(Object.keys(manual?.exitCodes ?? {})).toEqual(expect.arrayContaining(['0', String(manual?.failsWith ?? 1)]));
    expect(manual?.examples.length).toBeGreaterThan(0);
  });

  test('has examples that name commands and options that exist', () => {
    const calls = callsIn((manual?.examples ?? []).join('\n'));
    expect(calls.map(([first]) => first)).toContain(name);
    const unknown = calls.flatMap(([first = '', ...words]) => {
      const called = program.commands.find((each) => each.name() === first);
      const flags = called?.options.flatMap(({ long, short }) => [long, short]);
      return words.filter((word) => /^--?[a-z]/i.test(word) && flags?.includes(word) !== true).map((word) => `${first} ${word}`);
    });
    expect(unknown).toEqual([]);
  });

  test('has help in 80 columns, but for names that have no blank', () => {
    const help: string[] = [];
    command.configureOutput({ writeOut: (text) => void help.push(text), getOutHelpWidth: () => 80 }).outputHelp();
    expect(help.join('')).toContain(`Usage: mcp-operator ${name}`);
    expect(help.join('').split('\n').filter((line) => line.length > 80 && /\S +\S/.test(line.trim()))).toEqual([]);
  });

  test('is told on docs/command-line.md with the same purpose, exit codes and examples', () => {
    const section = sectionOf(name);
    const purpose = command.description();
    expect(section).toContain(`${purpose.charAt(0).toUpperCase()}${purpose.slice(1)}.`);
    const codes = Object.fromEntries([...section.matchAll(/^\| (\d+) \| (.*) \|$/gm)].map(([, code = '', meaning = '']) => [code, meaning]));
    const { 130: _ctrlC, ...own } = manual?.exitCodes ?? {};
    expect(codes).toEqual(Object.fromEntries(Object.entries(own).map(([code, meaning]) => [code, meaning])));
    for (const example of manual?.examples ?? []) expect(section).toContain(example);
  });
});

test('docs/command-line.md tells of no command that is not there', () => {
  const told = [...PAGE.matchAll(/^## ([a-z]+)$/gm)].map(([, name]) => name);
  expect(new Set(told)).toEqual(new Set(COMMANDS.map(([name]) => name)));
});

test("as kubectl's plugin it is called as one types it", () => {
  const plugin = commandLine({ ...NO_SURROUNDINGS, argv: ['node', '/usr/local/bin/kubectl-mcp'] });
  const help: string[] = [];
  plugin.commands.find((command) => command.name() === 'render')?.configureOutput({ writeOut: (text) => void help.push(text) }).outputHelp();
  expect(help.join('')).toContain('Usage: kubectl mcp render');
  expect(help.join('')).toContain('  kubectl mcp render -f weather.yaml');
});
