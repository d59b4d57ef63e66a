// Reads kubeconfig files and merges them by kubectl's rules. What it says about a file never quotes it: credentials stand there.
import { readFile } from 'node:fs/promises';
import { LineCounter, parseDocument } from 'yaml';
import { KubeconfigError } from '../kubeconfig-error.ts';

/** A named cluster, user or context, unchecked, and the file it stands in. */
export interface Entry {
  readonly file: string;
  readonly name: string;
  readonly value: unknown;
}

/** What all files together say; of entries with one name the first counts, whole. */
export interface Kubeconfig {
  /** The files that are there. */
  readonly files: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Entry>;
  readonly users: ReadonlyMap<string, Entry>;
  readonly contexts: ReadonlyMap<string, Entry>;
}

/** The lists of a kubeconfig, and under which key their entries hold what they are about. */
const LISTS = { clusters: 'cluster', users: 'user', contexts: 'context' } as const;

/**
 * Reads the files and merges them as https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig says: missing
 * ones are skipped, the first to name an entry or a current context counts. Throws KubeconfigError, also when all are missing.
 */
export async function readKubeconfigs(files: readonly string[]): Promise<Kubeconfig> {
  const read = await Promise.all(files.map(readKubeconfig));
  const present = read.filter((each) => each !== undefined);
  if (present.length === 0) throw new KubeconfigError(files, 'no such file; give the path of an existing kubeconfig');
  const merged = (list: keyof typeof LISTS): Map<string, Entry> => new Map(present.toReversed().flatMap((each) => [...each[list]]));
  return {
    files: present.flatMap((each) => each.files),
    currentContext: present.find(({ currentContext }) => currentContext !== undefined)?.currentContext,
    clusters: merged('clusters'),
    users: merged('users'),
    contexts: merged('contexts'),
  };
}

async function readKubeconfig(file: string): Promise<Kubeconfig | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new KubeconfigError([file], `cannot be read: ${error.message}`, error);
  });
  if (text === undefined) return undefined;
  const config = rootOf(file, text);
  const name = config['current-context'];
  if (typeof name !== 'string' && !isAbsent(name)) throw new KubeconfigError([file], 'current-context must be a string');
  return {
    files: [file],
    currentContext: isAbsent(name) ? undefined : name,
    clusters: entries(file, config, 'clusters'),
    users: entries(file, config, 'users'),
    contexts: entries(file, config, 'contexts'),
  };
}

function rootOf(file: string, text: string): Record<string, unknown> {
  const { value, problem } = parseYaml(text);
  if (problem !== undefined) throw new KubeconfigError([file], `cannot be read: it is not valid YAML: ${problem}; correct it there`);
  if (isAbsent(value)) return {};
  if (!isObject(value)) throw new KubeconfigError([file], 'cannot be read: it is no kubeconfig, which is a YAML mapping');
  for (const [key, known] of Object.entries({ kind: 'Config', apiVersion: 'v1' })) {
    const given = value[key];
    if (!isAbsent(given) && given !== known) throw new KubeconfigError([file], `cannot be read: its ${key} is not ${known}; give a kubeconfig`);
  }
  return value;
}

function entries(file: string, config: Record<string, unknown>, list: keyof typeof LISTS): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const given = config[list] ?? [];
  if (!Array.isArray(given)) throw new KubeconfigError([file], `${list} must be a list`);
  for (const [index, entry] of given.entries()) {
    const name: unknown = isObject(entry) ? entry['name'] : undefined;
    if (!isObject(entry) || typeof name !== 'string' || name === '') throw new KubeconfigError([file], `${list}[${index}] needs a name, a string`);
    if (found.has(name)) throw new KubeconfigError([file], `has two ${list} with the name ${name}; remove one`);
    found.set(name, { file, name, value: entry[LISTS[list]] });
  }
  return found;
}

/** The value of a YAML (or JSON) text, or where it is wrong. The words of the parser quote the text, so they are not used. */
export function parseYaml(text: string): { readonly value?: unknown; readonly problem?: string } {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, lineCounter });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lineCounter.linePos(error.pos[0]);
    return { problem: `line ${line}, column ${col}: ${error.code.toLowerCase().replaceAll('_', ' ')}` };
  }
  try {
    return { value: document.toJS() as unknown };
  } catch {
    return { problem: 'an alias has no anchor, or there are too many aliases' };
  }
}

/** Whether Kubernetes takes the value for one that is not given. */
export function isAbsent(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

/** Whether the value is a mapping. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
