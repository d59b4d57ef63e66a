// A text of YAML documents as plain values: what the cdk8s app and the render command read manifests with.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, type Document as ParsedDocument, type Node } from 'yaml';
import { KUBECTL_TAGS } from './yaml-tags.ts';

/** Where a value stands in its file, counted from 1, for messages. */
export interface Document {
  readonly value: unknown;
  readonly where: string;
  /** The line in the file, counted from 1, where the last part of a path stands that is there; without a path the document's first. */
  readonly lineOf: (path?: readonly string[]) => number;
}

/** Which document is meant, and why it is none. */
interface Invalid {
  /** Where a document stands in its file, as in `Document`. */
  readonly where: string;
  readonly problem: string;
  /** The line in the file, counted from 1. */
  readonly line: number;
}

/** A document that is no valid YAML; the message says which and why. */
export class InvalidDocumentError extends Error implements Invalid {
  override readonly name = 'InvalidDocumentError';
  readonly where: string;
  readonly problem: string;
  readonly line: number;

  constructor({ where, problem, line }: Invalid, options?: ErrorOptions) {
    super(`${where}: ${problem}`, options);
    this.where = where;
    this.problem = problem;
    this.line = line;
  }
}

/**
 * The documents of a text, in order, with the values kubectl reads: `yes` is a boolean, `0o17` a number, and `<<` merges maps. A key
 * that stands twice in a map is refused, of which kubectl takes the last. An empty document has the value null.
 * @throws InvalidDocumentError naming the first document that is no valid YAML.
 */
export function parseDocuments(text: string, file: string): Document[] {
  const lineCounter = new LineCounter();
  const lineAt = (offset: number): number => lineCounter.linePos(offset).line;
  // Warnings quote the text, and would go to standard error by themselves.
  return parseAllDocuments(text, { logLevel: 'error', schema: 'failsafe', lineCounter, customTags: [...KUBECTL_TAGS] }).map((document, index) => {
    const where = `${file}, document ${index + 1}`;
    const [error] = document.errors;
    // The lines after the first are a picture of the place.
    if (error !== undefined) throw new InvalidDocumentError({ where, problem: error.message.replace(/:?\n.*$/s, ''), line: lineAt(error.pos[0]) });
    const lineOf = (path: readonly string[] = []): number => lineAt(offsetOf(document, path));
    return { value: plainValue(document, { where, line: lineOf() }), where, lineOf };
  });
}

/** Where the last part of a path begins that is there. A key may have dots, by which a path was taken apart. */
function offsetOf(document: ParsedDocument.Parsed, path: readonly string[]): number {
  let node: Node | null | undefined = document.contents;
  let offset = document.contents?.range?.[0] ?? document.range[0];
  for (let rest = path; rest.length > 0;) {
    const found = stepInto(isAlias(node) ? node.resolve(document) : node, rest);
    if (found === undefined) break;
    offset = found.at?.range?.[0] ?? offset;
    node = found.node;
    rest = rest.slice(found.taken);
  }
  return offset;
}

interface Step {
  readonly at: Node | null | undefined;
  readonly node: Node | null | undefined;
  /** How many parts of the path led there. */
  readonly taken: number;
}

function stepInto(node: Node | null | undefined, path: readonly string[]): Step | undefined {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(path[0])];
    return item && { at: item, node: item, taken: 1 };
  }
  if (!isMap<Node, Node>(node)) return undefined;
  for (let taken = path.length; taken > 0; taken -= 1) {
    const key = path.slice(0, taken).join('.');
    const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === key);
    if (pair !== undefined) return { at: pair.key, node: pair.value, taken };
  }
  return undefined;
}

/** Aliases are followed only here: one may lead nowhere, to far too much, or to what it stands in. */
function plainValue(document: { toJS: () => unknown }, { where, line }: { readonly where: string; readonly line: number }): unknown {
  try {
    const value = document.toJS();
    mustEnd(value, []);
    return value;
  } catch (error) {
    throw new InvalidDocumentError({ where, problem: (error as Error).message, line }, { cause: error });
  }
}

function mustEnd(value: unknown, above: readonly unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (above.includes(value)) throw new Error('an alias stands within what it stands for');
  for (const item of Object.values(value)) mustEnd(item, [...above, value]);
}
