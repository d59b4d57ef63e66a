// What we write as YAML, and what we read: as the real kubectl reads it, for text of every kind.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocuments } from '../../charts/documents.ts';
import { toYaml } from '../../charts/yaml-text.ts';
import { plainValue } from '../../charts/yaml-values.ts';
import { readByKubectl, thing } from '../support/kubectl-reads.ts';
import { ODD_CHARACTERS, oddText } from '../support/odd-text.ts';
import { YAML_LOOKALIKES, yamlLookalike } from '../support/yaml-lookalikes.ts';

describe('what we write', () => {
  it('is read equal by kubectl, keys and values, whatever they look like', async () => {
    const random = fc.sample(fc.oneof(oddText, yamlLookalike), { numRuns: 3000, seed: 12 });
    const texts = [...YAML_LOOKALIKES, ...Object.values(ODD_CHARACTERS), ...random].map((text) => text.toWellFormed());
    const keys = Object.fromEntries(texts.map((text, index) => [text, index]));
    const data = { values: texts, keys, both: texts.map((text) => ({ [text]: [text] })) };
    expect(await readByKubectl(toYaml([thing(data), thing({})]))).toEqual([data, {}]);
  });
});

/** Texts that may stand as an item of a list without quotes. */
const PLAIN = /^(?:[\w./~=+<][\w./~=+<:-]*|-[\w.+]+)(?<!:)$/;
/** What no JSON can say, so that kubectl reads nothing where it stands. */
const BEYOND_JSON = /^[-+]?\.(?:inf|nan)$/i;

describe('what we read', () => {
  it('has the values that kubectl reads, without quotes', async () => {
    const random = fc.sample(yamlLookalike, { numRuns: 4000, seed: 12 });
    const texts = [...YAML_LOOKALIKES, ...random].filter((text) => PLAIN.test(text) && !BEYOND_JSON.test(text));
    expect(texts.length).toBeGreaterThan(2000);
    const list = texts.map((text) => `    - ${text}\n`).join('');
    const [data = {}] = await readByKubectl(toYaml([thing({ values: [] })]).replace(' []', `\n${list}`));
    const read = texts.map((text, index) => [text, (data['values'] as unknown[])[index]]);
    // JSON knows no -0.
    expect(texts.map((text) => [text, JSON.parse(JSON.stringify(plainValue(text)))])).toEqual(read);
  });

  it.each<[string, string]>([
    ['values and keys of other kinds', '{yes: no, 0x10: 0o17, off: ~, null_: null, 1.5: .5, a: 012, b: 1_000, c: 2026-01-01, d: 1:30, e: "yes"}'],
    ['text in blocks', '\n  a: |-\n    yes\n  b: >\n    12\n  c: yes\n   and no'],
    ['an alias', '{a: &x {b: [1, yes]}, c: *x, d: [*x]}'],
    ['a merged map, which wins over what stands before it alone', '{x: &x {a: 1, b: 1, c: 1}, y: {a: 0, <<: *x, b: 2}}'],
    ['several merged maps, of which the first wins', '{x: &x {a: 1}, y: &y {a: 2, b: 2}, z: {<<: [*x, *y, {c: 3, a: 3}]}}'],
    ['maps that merged others', '{x: &x {a: 1}, y: &y {<<: *x, b: 2}, z: {<<: *y, c: 3}}'],
    ['two merges', '{x: &x {a: 1}, y: &y {b: 2}, z: {<<: *x, <<: *y}}'],
    ['a merge key in quotes, or as a value', '{x: {"<<": 1}, y: [<<, <<], z: <<}'],
    ['tags', '{a: !!str 12, b: !!int "12", c: !!float 1, d: !!binary eWVz, e: !!bool "yes", f: !own x, g: !!null ""}'],
    ['a list merged in block style', '\n  x: &x\n    cpu: 1\n    memory: &m 1Gi\n  y:\n    <<:\n      - *x\n    memory: *m'],
    ['nothing', ''],
  ])('%s', async (_what, text) => {
    const document = `apiVersion: example.com/v1\nkind: Thing\nmetadata: {name: a}\ndata: ${text}\n`;
    const [data] = await readByKubectl(document);
    expect(parseDocuments(document, 'a.yaml').map(({ value }) => (value as { data: unknown }).data)).toEqual([data]);
  });
});
