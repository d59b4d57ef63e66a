// What is said of texts that kubectl misreads: see misread-texts.cluster.test.ts for which these are.
import { Yaml } from 'cdk8s';
import { describe, expect, it } from 'vitest';
import { writtenObjects } from '../../../charts/checks/misread-texts.ts';
import { render } from '../../../charts/render.ts';
import { toYaml } from '../../../charts/yaml-text.ts';
import { FULL_SPEC } from '../../support/full-spec.ts';
import { mcpServer } from '../../support/rendered.ts';
import { YAML_LOOKALIKES } from '../../support/yaml-lookalikes.ts';

const REMEDY = ': write the file with toYaml of mcp-server-operator, which takes quotes and escapes where they are needed, or choose another text';
const object = (data: unknown): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data });

function told(data: unknown, write = (value: object): string => Yaml.stringify(value)): string[] {
  return writtenObjects(write(object(data))).flatMap(({ misread }) => misread.map(({ field, message }) => `${field}: ${message}`));
}

describe('of a text that kubectl misreads is told', () => {
  it.each<[object, string]>([
    [{ mode: '0o17' }, 'data.mode: kubectl reads the number 15 instead of the text 0o17'],
    [{ list: [{ deep: '-0X1f' }] }, 'data.list[0].deep: kubectl reads the number -31 instead of the text -0X1f'],
    [{ '0B1': 'x' }, 'data.0B1: of the key, kubectl reads the number 1 instead of the text 0B1'],
    [{ '<<': 'x' }, 'data.<<: of the key, kubectl takes it for a map to merge, and not for text'],
    [{ a: 'x\u2028y' }, 'data.a: it has the character U+2028, which kubectl takes for the end of a line'],
    [{ a: '\u0080' }, 'data.a: it has the character U+0080, for which kubectl refuses the file'],
  ])('where and as what, and what to do: %j', (data, sentence) => {
    expect(told(data)).toEqual([`${sentence}${REMEDY}`]);
  });

  it('nothing where toYaml wrote', () => {
    expect(told(Object.fromEntries(YAML_LOOKALIKES.map((text) => [text, text])), (value) => toYaml([value]))).toEqual([]);
  });

  it('nothing of what is rendered', () => {
    const manifests = render(mcpServer(FULL_SPEC));
    expect(writtenObjects(Yaml.stringify(...manifests))).toEqual(manifests.map((manifest) => ({ object: manifest, misread: [] })));
  });
});
