// What `diff` prints: fields that change, or one JSON object, and what somebody who compares should know. Pure.
import { toYaml } from '../../../charts/yaml-text.ts';
import { plain } from '../../../kubernetes/text.ts';
import type { Compared } from './compare.ts';

const MOST_CHARACTERS = 2000;
const SIGNS: Readonly<Record<Compared['change'], string>> = { None: ' ', Create: '+', Change: '~', Delete: '-', Unknown: '?' };

/** 0: nothing would change; 1: something would; 2: something could not be compared. As of kubectl diff. */
export function exitCodeOf(compared: readonly Compared[]): number {
  if (compared.some(({ change }) => change === 'Unknown')) return 2;
  return compared.some(({ change }) => change !== 'None') ? 1 : 0;
}

/** For people. Empty where nothing would change. */
export function diffText(compared: readonly Compared[]): string {
  return compared.filter(({ change }) => change !== 'None').map(textOf).join('');
}

/** For programs. New keys may be added. */
export function diffJson(compared: readonly Compared[]): string {
  return `${JSON.stringify({ same: exitCodeOf(compared) === 0, objects: compared.map(withNull) }, null, 2)}\n`;
}

/** For standard error: what was not compared as it should be, in a sentence each. */
export function notesOf(compared: readonly Compared[]): string[] {
  const untried = compared.filter(({ isDryRun, change }) => !isDryRun && change !== 'Unknown');
  const kinds = [...new Set(untried.map(({ kind, namespace }) => `${kind}s in ${namespace}`))];
  return kinds.length === 0 ? [] : [`you may not try changes of ${kinds.join(', ')} (the right to patch): they are compared with the live objects, without what the API server would add, remove or refuse`];
}

function textOf({ kind, namespace, name, change, differences, problem }: Compared): string {
  const head = `${SIGNS[change]} ${kind} ${namespace}/${name}\n`;
  if (problem !== null) return `${head}    cannot be compared: ${plain(problem, MOST_CHARACTERS)}\n`;
  return head + differences.map(({ path, before, after }) => `${pathText(path)}${valueText('-', before)}${valueText('+', after)}`).join('');
}

function pathText(path: string): string {
  return path === '' ? '' : `    ${plain(path, MOST_CHARACTERS)}\n`;
}

function valueText(sign: string, value: unknown): string {
  if (value === undefined) return '';
  const lines = toYaml([value]).replace(/\n$/, '').split('\n');
  return lines.map((line) => `      ${sign} ${line}\n`).join('');
}

function withNull({ differences, ...rest }: Compared): object {
  return { ...rest, differences: differences.map(({ path, before = null, after = null }) => ({ path, before, after })) };
}
