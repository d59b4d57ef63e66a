// Texts of manifests that kubectl would not read as they were meant: cdk8s writes YAML that its own library reads, and kubectl reads
// some of it otherwise. Pure.
import { isMap, isScalar, isSeq, parseAllDocuments, type DocumentOptions, type ParseOptions, type Scalar, type SchemaOptions } from 'yaml';
import type { Problem } from '../api/mcpserver.ts';
import { isManifest, type Manifest } from '../render.ts';
import { misreading, plainValue, UNREADABLE } from '../yaml-values.ts';

/** An object as it was meant, and the texts of it, or keys of fields, that are misread. */
export interface WrittenObject {
  readonly object: Manifest;
  readonly misread: readonly Problem[];
}

/** How cdk8s writes, which knows no merge keys: what is written as one was meant as text. */
const WRITTEN: ParseOptions & DocumentOptions & SchemaOptions = {
  version: '1.1', logLevel: 'error', uniqueKeys: false, customTags: (tags) => tags.filter((tag) => typeof tag !== 'object' || tag.tag !== 'tag:yaml.org,2002:merge'),
};
/** kubectl reads a byte order mark that does not start a file, and in quotes a separator of lines that no blank stands beside. */
const READ_ANYWHERE = /\uFEFF/g;
const READ_IN_QUOTES = /\uFEFF|(?<![ \t\x85\u2028\u2029])[\u2028\u2029](?![ \t\x85\u2028\u2029])/g;
/** Characters that kubectl takes for the end of a line; it refuses a text with any other that is unreadable. */
const LINE_BREAKS = /[\x85\u2028\u2029]/;
const REMEDY = 'write the file with toYaml of mcp-server-operator, which takes quotes and escapes where they are needed, or choose another text';

/** Every object in a file of YAML documents that cdk8s wrote, in order. */
export function writtenObjects(file: string): WrittenObject[] {
  return parseAllDocuments(file, WRITTEN).flatMap((document) => {
    const object: unknown = document.toJS();
    return isManifest(object) ? [{ object, misread: problemsBelow(document.contents, '', file) }] : [];
  });
}

function problemsBelow(node: unknown, field: string, file: string): Problem[] {
  if (isScalar(node)) return problemOf(node, file).map((message) => ({ field, message: `${message}: ${REMEDY}` }));
  if (isSeq(node)) return node.items.flatMap((item, index) => problemsBelow(item, `${field}[${index}]`, file));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) => {
    if (!isScalar(key)) return [];
    const path = field === '' ? (key.source ?? '') : `${field}.${key.source}`;
    const ofKey = problemOf(key, file, true).map((message) => ({ field: path, message: `of the key, ${message}: ${REMEDY}` }));
    return [...ofKey, ...problemsBelow(value, path, file)];
  });
}

function problemOf(scalar: Scalar, file: string, isKey = false): string[] {
  const { source = '', type, range } = scalar;
  const [start = 0, end = 0] = range ?? [];
  const readable = !isKey && type?.startsWith('QUOTE_') === true ? READ_IN_QUOTES : READ_ANYWHERE;
  const [character] = UNREADABLE.exec(file.slice(start, end).replaceAll(readable, '')) ?? [];
  if (character !== undefined) {
    const consequence = LINE_BREAKS.test(character) ? 'which kubectl takes for the end of a line' : 'for which kubectl refuses the file';
    return [`it has the character ${nameOf(character)}, ${consequence}`];
  }
  // Numbers and their like are written so that all read the same.
  if (type !== 'PLAIN' || typeof scalar.value !== 'string') return [];
  if (isKey && source === '<<') return ['kubectl takes it for a map to merge, and not for text'];
  return plainValue(source) === source ? [] : [`kubectl reads ${misreading(source)} instead of the text ${source}`];
}

function nameOf(character: string): string {
  return `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;
}
