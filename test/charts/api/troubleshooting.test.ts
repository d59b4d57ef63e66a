// docs/troubleshooting.md has a place for every reason, which says what was seen and what to do, and names only fields there are.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASONS } from '../../../charts/api/reasons.ts';
import { troubleshooting } from '../../../charts/api/troubleshooting.ts';
import { crd, fieldsOf } from '../../support/spec-schema.ts';

const ROOT = join(import.meta.dirname, '../../..');
const text = troubleshooting();
const sections = new Map(text.split(/^## /m).slice(1).map((section): [string, string] => [/^.*/.exec(section)?.[0] ?? '', section]));
const [, rest = ''] = text.split('## Nothing to do\n\n');
const nothing = [...rest.matchAll(/^- `(\w+)`/gm)].map(([, name = '']) => name);
/** Reasons of conditions as they should be, and of what was asked for. */
const FINE = ['Valid', 'RolledOut', 'EndpointReady', 'ScaledToZero', 'Serving', 'Verified', 'Disabled', 'DeletionPolicyOrphan'];

describe('the page of troubles', () => {
  it('tells of every reason once', () => {
    const told = [...[...sections.keys()].filter((name) => name !== 'Nothing to do'), ...nothing];
    expect(told.toSorted()).toEqual(Object.keys(REASONS).toSorted());
    expect(nothing).toEqual(FINE);
  });

  it.each(Object.entries(REASONS).filter(([name]) => !FINE.includes(name)))('says of %s what was seen and what to do, in sentences', (name, { meaning }) => {
    const [, seen, toDo] = /\n\n\*\*Seen:\*\* (.*)\n\n\*\*To do:\*\* (.*)/.exec(sections.get(name) ?? '') ?? [];
    expect(seen).toBe(meaning);
    expect(toDo).toMatch(/^[A-Z`].{5,}\.$/);
    expect(toDo).not.toContain('undefined');
  });

  it('names only fields of the spec, and only kubectl commands with a namespace', () => {
    const { properties } = crd().spec.versions[0].schema.openAPIV3Schema;
    const fields = fieldsOf(properties.spec).map(([path]) => `spec.${path.replaceAll('[]', '')}`);
    const named = [...text.matchAll(/`(spec\.[A-Za-z.]+)`/g)].map(([, field]) => field ?? '');
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((field) => !fields.includes(field))).toEqual([]);
    const commands = [...text.matchAll(/`(kubectl [^`]+)`/g)].map(([, command]) => command ?? '');
    expect(commands.filter((command) => !/ -A\b| -n NAMESPACE |^kubectl describe mcps NAME$/.test(command))).toEqual([]);
  });

  it('is linked from where people look', () => {
    for (const page of ['README.md', 'docs/mcpserver.md', 'docs/api.md']) expect(readFileSync(join(ROOT, page), 'utf8')).toMatch(/\((docs\/)?troubleshooting\.md/);
  });
});
