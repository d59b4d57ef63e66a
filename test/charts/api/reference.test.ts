// The API reference says everything that is in the schema and the rules, in Markdown that renders.
import { describe, expect, it } from 'vitest';
import { apiReference } from '../../../charts/api/reference.ts';
import { REASONS } from '../../../charts/api/reasons.ts';
import { NAME_MESSAGE, SPEC_RULES } from '../../../charts/api/rules.ts';
import { CONDITION_TYPES } from '../../../charts/api/status.ts';
import { crd, fieldsOf, type SchemaNode } from '../../support/spec-schema.ts';

const text = apiReference();
const { spec, status } = crd().spec.versions[0].schema.openAPIV3Schema.properties;
/** Cells of the table rows below a heading, by their first one: type, default, description. */
const rowsOf = (part: string): Map<string, string[]> => new Map(part.split('\n').filter((line) => line.startsWith('| ')).map((line): [string, string[]] => {
  const [, field = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  return [field.replace(/^\[(.*)\]\(.*\)$/, '$1').replaceAll('`', ''), cells.slice(0, -1)];
}));
const [specPart = '', statusPart = ''] = text.split('\n## status\n');

/** The path under which a field stands that is not repeated. */
function spelledOut(path: string, rows: ReadonlyMap<string, readonly string[]>): string {
  const [owner, like] = [...rows].flatMap(([field, cells]): [string, string][] => {
    const target = /Fields as in `([^`]+)`/.exec(cells[2] ?? '')?.[1];
    return target !== undefined && [`${field}.`, `${field}[].`].some((start) => path.startsWith(start)) ? [[field, target]] : [];
  })[0] ?? ['', ''];
  return owner === '' ? path : spelledOut(path.replace(owner, like), rows);
}

/** Whether the parent of a field demands it. */
function isRequired(root: SchemaNode, path: string): boolean {
  const [parent, name] = [path.includes('.') ? path.slice(0, path.lastIndexOf('.')) : '', path.slice(path.lastIndexOf('.') + 1)];
  const node = parent === '' ? root : fieldsOf(root).find(([each]) => each === parent.replace(/\[\]$/, ''))?.[1];
  const owner = parent.endsWith('[]') ? node?.items : node;
  return ((owner?.['required'] ?? []) as string[]).includes(name);
}

describe.each([['spec', spec, specPart], ['status', status, statusPart]] as const)('the API reference of %s', (_root, root, part) => {
  const rows = rowsOf(part);
  const listed = fieldsOf(root).filter(([path]) => rows.has(path));

  it('lists every field, itself or by naming a field with the same ones', () => {
    const missing = fieldsOf(root).map(([path]) => path).filter((path) => !rows.has(path));
    for (const path of missing) expect([path, rows.has(spelledOut(path, rows))]).toEqual([path, true]);
    expect(listed.length).toBeGreaterThan(missing.length);
  });

  it('gives each its type, its description, and its default or that it is required', () => {
    for (const [path, node] of listed) {
      const [type, fallback, description] = rows.get(path) ?? [];
      const wanted = typeof node['default'] === 'string' ? node['default'] : JSON.stringify(node['default']);
      const expected = isRequired(root, path) ? 'required' : wanted === undefined ? '' : `\`${wanted}\``;
      expect([path, fallback]).toEqual([path, expected]);
      expect([path, type]).not.toEqual([path, 'any']);
      expect(description).toContain(node.description?.replaceAll('<', '&lt;').replaceAll('|', '\\|'));
    }
  });
});

describe('the API reference', () => {
  it.each([
    ['port', 'integer, 1 to 65535'],
    ['transport', '`stdio`, `http`, `streamable-http`'],
    ['env', 'list, at most 256 items, unique by `name`'],
    ['env[].value', 'string, at most 32768 characters'],
    ['config', 'map, at most 256 keys; values: string, at most 262144 characters'],
    ['args', 'list, 1 to 128 items; items: string, at most 8192 characters'],
    ['storage[].emptyDir.sizeLimit', 'quantity, such as `500m` or `1Gi`'],
    ['files[].secret.name', 'object name (DNS-1123 subdomain), 1 to 253 characters'],
    ['nodeSelector', 'map, at most 32 keys; values: label value, at most 63 characters'],
    ['disruption.minAvailable', 'integer, 0 to 1000, or string matching `^(100\\|[0-9]{1,2})%$`'],
  ])('says of %s: %s', (field, type) => {
    expect(rowsOf(specPart).get(field)?.[0]).toBe(type);
  });

  it('gives every rule with its message', () => {
    for (const message of [NAME_MESSAGE, ...SPEC_RULES.map((rule) => rule.message)]) expect(text).toContain(`| ${message} |`);
  });

  it('says what the status is before the operator has seen the object', () => {
    expect(statusPart).toContain('`{"observedGeneration":-1,"phase":"Pending"}`');
  });

  it('names every condition type', () => {
    for (const type of CONDITION_TYPES) expect(text).toContain(`\`${type}\``);
  });

  it('tells of every reason which conditions may carry it and what it means, and gives every condition one', () => {
    const rows = rowsOf(statusPart.split('### Reasons')[1] ?? '');
    for (const [reason, { of, meaning }] of Object.entries(REASONS)) expect([reason, rows.get(reason)]).toEqual([reason, [of.map((type) => `\`${type}\``).join(', '), meaning]]);
    expect(new Set(Object.values(REASONS).flatMap(({ of }): readonly string[] => of))).toEqual(new Set(CONDITION_TYPES));
  });

  it('links only to headings that it has', () => {
    const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => `#${title.toLowerCase().replaceAll(/[^a-z0-9 -]/g, '').replaceAll(' ', '-')}`);
    const links = [...text.matchAll(/\]\((#[^)]*)\)/g)].map(([, target]) => target);
    expect(links.length).toBeGreaterThan(5);
    expect(anchors).toEqual(expect.arrayContaining(links));
  });

  it('has tables whose rows have as many cells as their heads', () => {
    const tables = text.trim().split(/\n{2,}/).filter((block) => block.startsWith('|')).map((block) => block.split('\n'));
    expect(tables.length).toBeGreaterThan(5);
    for (const table of tables) expect(new Set(table.map((line) => line.split(/(?<!\\)\|/).length)).size).toBe(1);
  });
});
