// The plugin names exactly the texts that the real kubectl reads otherwise than they were meant, as cdk8s writes them.
import { Yaml } from 'cdk8s';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writtenObjects } from '../../../charts/checks/misread-texts.ts';
import { readByKubectl, thing } from '../../support/kubectl-reads.ts';
import { ODD_CHARACTERS, oddText } from '../../support/odd-text.ts';
import { YAML_LOOKALIKES, yamlLookalike } from '../../support/yaml-lookalikes.ts';

const isNamed = (data: object): boolean => writtenObjects(Yaml.stringify(thing(data))).some(({ misread }) => misread.length > 0);
const random = fc.sample(fc.oneof(oddText, yamlLookalike), { numRuns: 1500, seed: 12 });
const texts = [...YAML_LOOKALIKES, ...Object.values(ODD_CHARACTERS), ...random].map((text) => text.toWellFormed());
/** Each costs a process. */
const fewOf = (all: readonly object[]): readonly object[] => all.filter((_each, index) => index % Math.ceil(all.length / 30) === 0);
const asValue = (text: string): object => ({ a: text });
const asKey = (text: string): object => ({ [text]: 'a' });

describe.each([['values', asValue], ['keys', asKey]] as const)('of %s', (_what, dataOf) => {
  const all = texts.map(dataOf);

  it('none is misread that is not named', async () => {
    const passed = all.filter((data) => !isNamed(data));
    expect(passed.length).toBeGreaterThan(800);
    expect(await readByKubectl(Yaml.stringify(...passed.map(thing)))).toEqual(passed);
  });

  it('none is named that is not misread, or refused', async () => {
    const named = all.filter(isNamed);
    const wellRead: object[] = [];
    for (const data of fewOf(named)) {
      const read: unknown = await readByKubectl(Yaml.stringify(thing(data))).catch(() => 'refused');
      if (JSON.stringify(read) === JSON.stringify([data])) wellRead.push(data);
    }
    expect([named.length > 100, wellRead]).toEqual([true, []]);
  });
});
