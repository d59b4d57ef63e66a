// The API reference says everything that is in the schema and the rules, in Markdown that renders.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { apiReference } from '../../../charts/api/reference.ts';
import { saidMessage } from '../../../charts/api/said-rules.ts';
import { REASONS } from '../../../charts/api/reasons.ts';
import { UNOBSERVED_STATUS } from '../../../charts/api/status.ts';
import { RULE_EXAMPLES } from '../../support/rule-examples.ts';
import { crd, fieldsOf, type SchemaNode } from '../../support/spec-schema.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** As clients know them: in words of their own, so that one that is renamed or lost is noticed. */
const CONDITION_TYPES = ['ConfigurationValid', 'DeploymentReady', 'ServiceReady', 'Verified', 'Available', 'Ready', 'Reconciling', 'Stalled', 'Suspended', 'SessionsAtRisk', 'Orphaned'];

const text = apiReference();
const { spec, status } = crd().spec.versions[0].schema.openAPIV3Schema.properties;
const rowLines = (part: string): string[] => part.split('\n').filter((line) => line.startsWith('| '));
/** First cell, without its Markdown, and further cells of every row of the tables in a part of the text. */
const cellsOf = (part: string): [string, string[]][] => rowLines(part).map((line): [string, string[]] => {
  const [, field = '', ...cells] = line.split(/(?<!\\)\|/).map((cell) => cell.trim());
  return [field.replace(/^\[(.*)\]\(.*\)$/, '$1').replaceAll('`', ''), cells.slice(0, -1)];
});
/** The cells by the first one: type, default, description. */
const rowsOf = (part: string): Map<string, string[]> => new Map(cellsOf(part));
/** The text below a heading, up to the next one. */
const below = (heading: string): string => text.split(`\n${heading}\n`)[1]?.split(/\n##+ /)[0] ?? '';
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

function rulesOf(node: SchemaNode): { fieldPath?: string; message: string }[] {
  return (node['x-kubernetes-validations'] ?? []) as { fieldPath?: string; message: string }[];
}

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

  it('gives every rule of the API server: the field it is about, which exists, and the sentence of the examples', () => {
    const [byServer = '', ours = ''] = below('## Rules between fields').split('What no API server can afford to check');
    const [[, ...rows], [, ...further]] = [cellsOf(byServer), cellsOf(ours)];
    const ofSpec = rulesOf(spec).map(({ fieldPath, message }) => [`spec${fieldPath}`, [message]]);
    // Those that spare what is stored stand at their field, as do the sentences of patterns and enums; all maps have a rule about their keys.
    const ofFields = fieldsOf(spec).flatMap(([path, node]) =>
      rulesOf(node).filter(({ message }) => !message.startsWith('the keys constructor')).map(({ message }) => [`spec.${path}`, [message]]));
    const said = fieldsOf(spec).flatMap(([, node]) => saidMessage(node) ?? []);
    expect(said).toContainEqual(expect.stringMatching('sse'));
    const [first, ...enforced] = rows;
    expect(first).toEqual(['metadata.name', [expect.stringContaining('at most 52 lower-case letters')]]);
    expect(enforced.map(String).toSorted()).toEqual([...ofSpec, ...ofFields].map(String).toSorted());
    expect(ofFields.length).toBeGreaterThan(0);
    const messages = [...rows.slice(1), ...further].flatMap(([, cells]) => cells);
    expect(messages.toSorted()).toEqual([...Object.keys(RULE_EXAMPLES), ...said].toSorted());
    const fields = ['metadata.name', ...fieldsOf(spec).map(([path]) => `spec.${path}`)];
    expect(rows.map(([field]) => field).filter((field) => !fields.includes(field))).toEqual([]);
  });

  it('says what the status is before the operator has seen the object', () => {
    expect(statusPart).toContain(`\`${JSON.stringify(UNOBSERVED_STATUS)}\``);
  });

  it('names the condition types, those that are not always there last', () => {
    expect(below('### Condition types').match(/(?<=`)\w+(?=`)/g)).toEqual(CONDITION_TYPES);
  });

  it('tells of every reason that the operator can give, and of no other', () => {
    const sources = readdirSync(join(ROOT, 'reconciler'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    const code = sources.map((file) => readFileSync(join(ROOT, 'reconciler', file), 'utf8')).join('\n');
    const reasons = cellsOf(below('### Reasons')).slice(1).map(([reason]) => reason);
    // Where the operator gives a reason by name, the compiler asks for one of these.
    expect(reasons.toSorted()).toEqual(Object.keys(REASONS).toSorted());
    expect(reasons.filter((reason) => !new RegExp(`'${reason}'|\\b${reason}: `).test(code))).toEqual([]);
  });

  it.each([
    ['NoAffinity', ['SessionsAtRisk'], 'The server keeps sessions, and a call may reach a pod that does not know its session.'],
    ['ImagePullError', ['DeploymentReady', 'Ready', 'Reconciling'], 'The image cannot be pulled.'],
    ['NotTLS', ['Verified', 'Available', 'Ready', 'Reconciling'], '`spec.tls` is set, and the server does not speak TLS.'],
  ])('tells of the reason %s which conditions may carry it, and what it means', (reason, types, meaning) => {
    expect(rowsOf(below('### Reasons')).get(reason)).toEqual([types.map((type) => `\`${type}\``).join(', '), meaning]);
  });

  it('gives every condition a reason, and every reason conditions and a sentence', () => {
    const rows = cellsOf(below('### Reasons')).slice(1).map(([, cells]) => cells);
    expect(new Set(rows.flatMap(([types = '']) => types.split(', ')))).toEqual(new Set(CONDITION_TYPES.map((type) => `\`${type}\``)));
    expect(rows.filter(([, meaning = '']) => !/^[A-Z`].+\.$/.test(meaning))).toEqual([]);
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
