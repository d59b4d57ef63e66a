// A text of YAML documents as plain values: what the cdk8s app and the render command read manifests with.
import { parseAllDocuments } from 'yaml';
import { KUBECTL_TAGS } from './yaml-tags.ts';

/** Where a value stands in its file, counted from 1, for messages. */
export interface Document {
  readonly value: unknown;
  readonly where: string;
}

/** A document that is no valid YAML; the message says which and why. */
export class InvalidDocumentError extends Error {
  override readonly name = 'InvalidDocumentError';
}

/**
 * The documents of a text, in order, with the values kubectl reads: `yes` is a boolean, `0o17` a number, and `<<` merges maps. A key
 * that stands twice in a map is refused, of which kubectl takes the last. An empty document has the value null.
 * @throws InvalidDocumentError naming the first document that is no valid YAML.
 */
export function parseDocuments(text: string, file: string): Document[] {
  // Warnings quote the text, and would go to standard error by themselves.
  return parseAllDocuments(text, { logLevel: 'error', schema: 'failsafe', customTags: [...KUBECTL_TAGS] }).map((document, index) => {
    const where = `${file}, document ${index + 1}`;
    const [error] = document.errors;
    // The lines after the first are a picture of the place.
    if (error !== undefined) throw new InvalidDocumentError(`${where}: ${error.message.replace(/:?\n.*$/s, '')}`);
    return { value: plainValue(document, where), where };
  });
}

/** Aliases are followed only here: one may lead nowhere, to far too much, or to what it stands in. */
function plainValue(document: { toJS: () => unknown }, where: string): unknown {
  try {
    const value = document.toJS();
    mustEnd(value, []);
    return value;
  } catch (error) {
    throw new InvalidDocumentError(`${where}: ${(error as Error).message}`, { cause: error });
  }
}

function mustEnd(value: unknown, above: readonly unknown[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (above.includes(value)) throw new Error('an alias stands within what it stands for');
  for (const item of Object.values(value)) mustEnd(item, [...above, value]);
}
