// What an editor should show of every field of a spec, and what it does not.
import { crd, fieldsOf, type SchemaNode } from './spec-schema.ts';
import { accesses, type LanguageService } from './language-service.ts';

const START = "import type { MCPServerProps } from 'mcp-server-operator';\ndeclare const props: MCPServerProps;";
const squeezed = (text: string): string => text.replaceAll(/\s+/g, ' ');

/** What the schema says of a field: its description, its default, and the bounds of numbers. */
function wanted({ description = '', default: fallback, type, minimum, maximum }: SchemaNode): string[] {
  return [
    squeezed(description),
    ...(fallback === undefined ? [] : [`@default — ${JSON.stringify(fallback)}`]),
    ...(type === 'integer' && minimum !== undefined && maximum !== undefined ? [`Integer, ${minimum} to ${maximum}.`] : []),
  ];
}

interface Looked {
  /** How many fields were looked at. */
  readonly looked: number;
  /** What is not shown. */
  readonly lacking: readonly string[];
}

/** What an editor does not show of the fields of the construct's props, in a file of the folder, whether there is one or not. */
export async function lackingHovers(service: LanguageService, file: string): Promise<Looked> {
  const fields = fieldsOf(crd().spec.versions[0].schema.openAPIV3Schema.properties.spec);
  const { text, offsets } = accesses(START, 'props', fields.map(([path]) => path));
  const shown = (await service.hovers(file, text, offsets)).map(squeezed);
  const lacking = fields.flatMap(([path, node], index) => {
    const missing = wanted(node).filter((part) => part === '' || shown[index]?.includes(part) !== true);
    return missing.map((part) => `${path}: ${part}`);
  });
  return { looked: fields.length, lacking };
}

/** What an editor shows at the first of a word of the text. */
export async function hoverAt(service: LanguageService, file: string, [text, word]: readonly [string, string]): Promise<string> {
  return squeezed((await service.hovers(file, text, [text.indexOf(word)])).join(''));
}
