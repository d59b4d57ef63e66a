// docs/security.md says of every leaf of a rendered pod template and Service which guard judges it, or why none does. What is said
// to be judged, test/support/guard-cases.ts tries.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MCPServerSpec } from '../../../charts/api/spec.ts';
import { arbitrarySpec } from '../../support/arbitrary-spec.ts';
import { exampleSpecs } from '../../support/field-examples.ts';
import { FULL_SPEC, FULL_STDIO_SPEC } from '../../support/full-spec.ts';
import { ASKED } from '../../support/guard-cases.ts';
import { renderSpec } from '../../support/rendered.ts';

interface Row {
  readonly patterns: readonly { readonly text: string; readonly matches: RegExp }[];
  /** Name of a guard; undefined where none judges. */
  readonly guard: string | undefined;
  readonly why: string;
}

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/security.md'), 'utf8');
const ROWS: readonly Row[] = (/^### What they look at\n.*?\n\|---.*?\n(.*?)\n\n/ms.exec(PAGE)?.[1] ?? '').split('\n').map((line) => {
  const [, fields = '', guard = '', why = ''] = line.split(' | ').flatMap((cell, index) => (index === 0 ? ['', cell] : [cell]));
  const patterns = [...fields.matchAll(/`([^`]+)`/g)].map(([, text = '']) => ({ text, matches: asPattern(text) }));
  return { patterns, guard: /`(\w+)`/.exec(guard)?.[1], why };
});

/** A star at the end, or at the beginning, stands for any way; between, for a part of one name. */
function asPattern(text: string): RegExp {
  const inner = RegExp.escape(text.replace(/^\*|\*$/g, '')).replaceAll('\\*', '[^.]*');
  return new RegExp(`^${text.startsWith('*') ? '.*' : ''}${inner}${text.endsWith('*') ? '.+' : ''}$`);
}

function leaves(value: unknown, path: string): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => leaves(item, `${path}[]`));
  if (value === null || typeof value !== 'object') return [path];
  const start = path === '' || path.endsWith(' ') ? path : `${path}.`;
  return Object.entries(value).flatMap(([key, below]) => leaves(below, `${start}${key}`));
}

function leavesOf(spec: Partial<MCPServerSpec>): string[] {
  const { deployment, find } = renderSpec(spec);
  const { metadata, spec: service } = (find('Service') ?? {}) as { metadata?: { annotations?: object }; spec?: object };
  return [...leaves(deployment.spec.template, ''), ...leaves({ annotations: metadata?.annotations ?? {}, ...service }, 'service: ')];
}

const SPECS = [FULL_SPEC, FULL_STDIO_SPEC, ...exampleSpecs('accepted').map(([, spec]) => spec), ...fc.sample(arbitrarySpec(), 300)];
const LEAVES = [...new Set(SPECS.flatMap((spec) => leavesOf(spec)))];
const rowsOf = (leaf: string): Row[] => ROWS.filter(({ patterns }) => patterns.some(({ matches }) => matches.test(leaf)));

describe('the table of fields in docs/security.md', () => {
  it('has one row for every leaf that a rendered pod template or Service can have', () => {
    expect(LEAVES.length).toBeGreaterThan(120);
    expect(LEAVES.filter((leaf) => rowsOf(leaf).length !== 1)).toEqual([]);
  });

  it('names no field that nothing leads to', () => {
    const idle = ROWS.flatMap(({ patterns }) => patterns).filter(({ matches }) => !LEAVES.some((leaf) => matches.test(leaf)));
    expect(idle.map(({ text }) => text)).toEqual([]);
  });

  it('says why where no guard judges', () => {
    expect(ROWS.filter(({ guard, why }) => guard === undefined && why.length < 20)).toEqual([]);
  });

  it('names for each case that guards refuse the guard that does', () => {
    expect(ASKED.filter(({ leaf, guard }) => rowsOf(leaf).length !== 1 || rowsOf(leaf)[0]?.guard !== guard)).toEqual([]);
  });

  it('has a case that is refused for every row that a guard judges', () => {
    const judged = ROWS.filter(({ guard, patterns }) => guard !== undefined && !patterns.some(({ text }) => text.startsWith('service: selector')));
    expect(judged.length).toBeGreaterThan(10);
    expect(judged.filter((row) => !ASKED.some(({ leaf }) => rowsOf(leaf).includes(row))).map(({ patterns }) => patterns)).toEqual([]);
  });
});
