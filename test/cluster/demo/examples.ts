// The examples as the demonstration and tests apply them: as they are, but for the write rules of the Kubernetes MCP server.
// The demonstration's own are those of examples/demo/; the tutorial's samples lie beside the Kubernetes MCP server's.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
/** The example that ships closed. */
export const KUBERNETES_MCP_SERVER_FILE = 'kubernetes-mcp-server.yaml';
/** Namespace and name of the MCPServer in it. */
export const KUBERNETES_MCP_SERVER = 'kubernetes-mcp-server';
/** `namespace/name` of the MCPServer that is broken on purpose. */
export const BROKEN_ON_PURPOSE = 'default/broken';

/** What a start applies, and how that is said. */
export interface Applied {
  /** Texts of YAML by the names of their files. */
  readonly manifests: ReadonlyMap<string, string>;
  readonly said: string;
}

/** The demonstration's servers, or all that lies right in examples/, the tutorial's samples among them; what somebody brings takes the place of the demonstration's. */
export function appliedBy({ tutorial }: { readonly tutorial: boolean }, own: ReadonlyMap<string, string> = new Map()): Applied {
  if (own.size > 0) return withOwn(tutorial ? appliedBy({ tutorial }) : undefined, own);
  const withWrites = `${KUBERNETES_MCP_SERVER_FILE} with its write rules uncommented: clients may create and delete pods in its namespace`;
  const samples = examplesWithWrites();
  if (tutorial) return { manifests: samples, said: `examples/, of which ${withWrites}` };
  const file = 'demo/servers.yaml';
  const textOf = (name: string): string => samples.get(name) ?? readFileSync(join(EXAMPLES, name), 'utf8');
  const shown = new Map([file, KUBERNETES_MCP_SERVER_FILE].map((name) => [name, textOf(name)]));
  return { manifests: shown, said: `examples/${file}, and ${withWrites}` };
}

function withOwn(base: Applied | undefined, own: ReadonlyMap<string, string>): Applied {
  const said = [...own.keys()].join(', ');
  return { manifests: new Map([...(base?.manifests ?? []), ...own]), said: base === undefined ? said : `${base.said}; and ${said}` };
}

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
