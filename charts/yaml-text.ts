// Values as YAML that every reader reads as it was meant: kubectl and other readers of YAML 1.1, and those of YAML 1.2.
import { stringify, type ScalarTag } from 'yaml';
import { misreading, UNREADABLE } from './yaml-values.ts';

const ALL_UNREADABLE = new RegExp(UNREADABLE, 'g');

/** Text that cannot stand as cdk8s would write it. Being the first of the tags that have a test, this one writes what it identifies. */
const quoted: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: /^/,
  resolve: (text) => text,
  identify: (value) => typeof value === 'string' && (UNREADABLE.test(value) || misreading(value) !== undefined),
  stringify: ({ value }) => JSON.stringify(value).replaceAll(ALL_UNREADABLE, escaped),
};

/** Values as YAML documents. Where nothing could be misread, with the bytes that cdk8s writes. */
export function toYaml(documents: readonly unknown[]): string {
  return documents.map((document) => (document === undefined ? '\n' : stringify(document, {
    keepUndefined: true, lineWidth: 0, version: '1.1', customTags: (tags) => [quoted, ...tags],
  }))).join('---\n');
}

function escaped(character: string): string {
  return String.raw`\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
