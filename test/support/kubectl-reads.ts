// What the real kubectl reads in a text of YAML.
import { kubectl } from './cluster.ts';

type Value = Readonly<Record<string, unknown>>;

/** An object of a kind that nobody knows, with the data. */
export function thing(data: unknown): object {
  return { apiVersion: 'example.com/v1', kind: 'Thing', metadata: { name: 'a' }, data };
}

/** The data of the objects in a text, as kubectl reads it; no API server is asked. Throws what kubectl says where it refuses the text. */
export async function readByKubectl(text: string): Promise<Value[]> {
  const { stdout, stderr, code } = await kubectl(['annotate', '--local', '-f', '-', 'read=1', '-o', 'json'], { input: text });
  if (code !== 0) throw new Error(stderr);
  return (JSON.parse(`[${stdout.replaceAll(/^\}\n\{$/gm, '},\n{')}]`) as { data: Value }[]).map(({ data }) => data);
}
