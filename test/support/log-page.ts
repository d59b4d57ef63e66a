// What docs/logs.md says of the lines of each program.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/logs.md'), 'utf8');
/** The keys that stand for those of a reconcile. */
const RECONCILE = ['controller', 'namespace', 'name', 'reconcileID'];
/** Of every line. */
const ALWAYS = ['ts', 'level', 'msg'];

/** A line that is told of. */
export interface ToldLine {
  readonly level: string;
  /** `…` is anything. */
  readonly message: string;
  readonly keys: readonly string[];
}

/** The lines of a program, by the end of its heading: `the operator`. */
export function toldLines(program: string): ToldLine[] {
  let above: readonly string[] = [];
  return rowsOf(`Lines of ${program}`).map(([level = '', message = '', said = '']) => {
    const own = said.split(', ').flatMap((key) => (key === 'reconcile' ? RECONCILE : key === 'the same' ? above : keysIn(key)));
    above = own;
    return { level, message, keys: [...ALWAYS, ...own] };
  });
}

/** The keys that are explained. */
export function explainedKeys(): string[] {
  return rowsOf('Keys').flatMap(([keys = '']) => keysIn(keys));
}

/** What does not stand in it as the page tells: undefined when all does. */
export function untold(line: string, lines: readonly ToldLine[]): string | undefined {
  const said = JSON.parse(line) as Record<string, unknown>;
  const fits = lines.filter(({ level, message }) => said['level'] === level && asPattern(message).test(String(said['msg'])));
  if (fits.length === 0) return `no row for ${line}`;
  if (fits.some(({ keys }) => Object.keys(said).every((key) => keys.includes(key)))) return undefined;
  return `a key without a row in ${line}`;
}

function asPattern(message: string): RegExp {
  return new RegExp(`^${message.split('…').map((part) => RegExp.escape(part)).join('.*')}$`, 's');
}

function keysIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, key = '']) => key);
}

function rowsOf(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const lines = section.split('\n## ', 1).join('').split('\n');
  const rows = lines.filter((line) => line.startsWith('| ') && !/^\| (?:level|key) /.test(line));
  return rows.map((row) => row.slice(2, -2).split(' | ').map((cell) => cell.trim()));
}
