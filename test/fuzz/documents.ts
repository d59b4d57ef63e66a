// What must hold of the reader of YAML documents: whatever the text, plain values that end, or an InvalidDocumentError in one line.
import * as fc from 'fast-check';
import { InvalidDocumentError, parseDocuments } from '../../charts/documents.ts';
import type { FuzzProperty } from './fuzz-property.ts';

const PARTS = ['a', 'b: 1', '- ', ': ', '\n', '  ', '? ', '&x ', '*x', '<<: ', '{', '}', '[', ']', ', ', '"', "'", '|\n', '>\n', '---\n',
  '...\n', '%YAML 1.2\n', '!!binary ', '!!set ', '!!omap ', '#', '\t', '\u0000', '\u{feff}', '~', '1e9', '0x1f', '.nan'];
const text = fc.array(fc.oneof(fc.constantFrom(...PARTS), fc.string({ maxLength: 3 })), { maxLength: 40 }).map((parts) => parts.join(''));
const MOST_VALUES = 100_000;

function count(value: unknown, left: { values: number }): void {
  left.values -= 1;
  if (left.values < 0) throw new Error(`more than ${MOST_VALUES} values of a short text`);
  if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) count(each, left);
}

export const DOCUMENT_PROPERTIES: readonly FuzzProperty[] = [
  {
    name: 'YAML documents are values that end, or an error of one line that names the file',
    property: fc.property(text, (yaml) => {
      try {
        for (const { value } of parseDocuments(yaml, 'file.yaml')) count(value, { values: MOST_VALUES });
      } catch (error) {
        if (!(error instanceof InvalidDocumentError)) throw error;
        if (!error.message.startsWith('file.yaml, document ')) throw new Error(`it names no file: ${error.message}`, { cause: error });
      }
    }),
  },
];
