// A text of YAML documents as plain values: what the cdk8s app and the render command read manifests with.
import { parseAllDocuments } from 'yaml';

/** Where a value stands in its file, counted from 1, for messages. */
export interface Document {
  readonly value: unknown;
  readonly where: string;
}

/**
 * The documents of a text, in order; an empty one has the value null.
 * @throws Error naming the first document that is no valid YAML.
 */
export function parseDocuments(text: string, file: string): Document[] {
  return parseAllDocuments(text).map((document, index) => {
    const where = `${file}, document ${index + 1}`;
    if (document.errors.length > 0) throw new Error(`${where}: ${document.errors[0]?.message}`);
    return { value: document.toJS() as unknown, where };
  });
}
