// The examples as the demonstration and tests apply them: as they are, but for the write rules of the Kubernetes MCP server.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
/** The example that ships closed. */
export const KUBERNETES_MCP_SERVER_FILE = 'kubernetes-mcp-server.yaml';
/** Namespace and name of the MCPServer in it. */
export const KUBERNETES_MCP_SERVER = 'kubernetes-mcp-server';
/** What is applied, said to whoever starts it. */
export const WHAT_IS_APPLIED = `examples/, of which ${KUBERNETES_MCP_SERVER_FILE} with its write rules uncommented: clients may create and delete pods in its namespace`;

const BEGIN = /^ *# Write rules: /;
const END = /^ *# End of the write rules\.$/;

/** Files right in examples/ by name, to their text; the Kubernetes MCP server may write. */
export function examplesWithWrites(): Map<string, string> {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml')).toSorted();
  const texts = files.map((name): [string, string] => [name, readFileSync(join(EXAMPLES, name), 'utf8')]);
  return new Map(texts.map(([name, text]) => [name, name === KUBERNETES_MCP_SERVER_FILE ? withWriteRules(text) : text]));
}

/** The text with the lines uncommented that stand between the two marks. Throws when there are none. */
export function withWriteRules(text: string): string {
  const lines = text.split('\n');
  const [begin, end] = [BEGIN, END].map((mark) => lines.findIndex((line) => mark.test(line))) as [number, number];
  if (begin === -1 || end <= begin + 1) throw new Error('there are no write rules to uncomment');
  return lines.map((line, index) => (index > begin && index < end ? line.replace(/^( *)# /, '$1') : line)).join('\n');
}
