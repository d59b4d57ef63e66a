// Reads kubeconfig files and merges them by kubectl's rules. What it says about a file never quotes it: credentials stand there.
import { readFile } from 'node:fs/promises';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { KubeconfigError } from '../kubeconfig-error.ts';

/** Keys and indexes that lead to a value. */
type Path = readonly PropertyKey[];

/** Where in its file something stands, for messages: `line 3, column 5`. Of a key that is missing, where what lacks it stands. */
export type Place = (path: Path) => string;

/** A named cluster, user or context, unchecked, and the file it stands in. */
export interface Entry {
  readonly file: string;
  readonly name: string;
  /** How messages call it, such as `users[0]`: its name may be anything. */
  readonly title: string;
  readonly value: unknown;
  readonly place: Place;
}

/** The name of the context that counts. */
export interface CurrentContext {
  readonly file: string;
  readonly name: string;
  readonly place: string;
}

/** What all files together say; of entries with one name the first counts, whole. */
export interface Kubeconfig {
  /** The files that are there. */
  readonly files: readonly string[];
  readonly currentContext: CurrentContext | undefined;
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
    throw new KubeconfigError([file], `cannot be read: ${codeOf(error)}`, { cause: error });
  });
  if (text === undefined) return undefined;
  const { config, place } = rootOf(file, text);
  const name = config['current-context'];
  if (typeof name !== 'string' && !isAbsent(name)) throw new KubeconfigError([file], `current-context (${place(['current-context'])}) must be a string`);
  return {
    files: [file],
    currentContext: isAbsent(name) ? undefined : { file, name, place: place(['current-context']) },
    clusters: entries(file, { config, place }, 'clusters'),
    users: entries(file, { config, place }, 'users'),
    contexts: entries(file, { config, place }, 'contexts'),
  };
}

interface Root {
  readonly config: Record<string, unknown>;
  readonly place: Place;
}

function rootOf(file: string, text: string): Root {
  const { value, problem, place } = parseYaml(text);
  const told = problem === undefined ? undefined : `the kubeconfig is not valid YAML: ${problem}`;
  if (problem !== undefined) throw new KubeconfigError([file], `cannot be read: it is not valid YAML: ${problem}; correct it there`, { told });
  if (isAbsent(value)) return { config: {}, place };
  if (!isObject(value)) throw new KubeconfigError([file], 'cannot be read: it is no kubeconfig, which is a YAML mapping');
  for (const [key, known] of Object.entries({ kind: 'Config', apiVersion: 'v1' })) {
    const given = value[key];
    if (!isAbsent(given) && given !== known) throw new KubeconfigError([file], `cannot be read: its ${key} (${place([key])}) is not ${known}; give a kubeconfig`);
  }
  return { config: value, place };
}

function entries(file: string, { config, place }: Root, list: keyof typeof LISTS): Map<string, Entry> {
  const found = new Map<string, Entry>();
  const given = config[list] ?? [];
  if (!Array.isArray(given)) throw new KubeconfigError([file], `${list} (${place([list])}) must be a list`);
  for (const [index, entry] of given.entries()) {
    const name: unknown = isObject(entry) ? entry['name'] : undefined;
    const title = `${list}[${index}]`;
    const refuse = (problem: string): KubeconfigError => new KubeconfigError([file], `${title} (${place([list, index])}) ${problem}`);
    if (!isObject(entry) || typeof name !== 'string' || name === '') throw refuse('needs a name, a string');
    if (found.has(name)) throw refuse('has the name of an earlier one; remove one');
    found.set(name, { file, name, title, value: entry[LISTS[list]], place: (path) => place([list, index, LISTS[list], ...path]) });
  }
  return found;
}

/** What came of reading a YAML text: its value, or where it is wrong. */
export interface ParsedYaml {
  readonly value?: unknown;
  readonly problem?: string;
  readonly place: Place;
}

/** The value of a YAML (or JSON) text, or where it is wrong. The words of the parser quote the text, so they are not used, and its warnings not printed. */
export function parseYaml(text: string): ParsedYaml {
  const lineCounter = new LineCounter();
  const nowhere = (): string => lineOf(lineCounter, 0);
  try {
    const document = parseDocument(text, { prettyErrors: false, lineCounter, logLevel: 'error' });
    const place: Place = (path) => lineOf(lineCounter, offsetOf(document, path));
    const [error] = document.errors;
    if (error === undefined) return { value: document.toJS() as unknown, place };
    return { problem: `${lineOf(lineCounter, error.pos[0])}: ${error.code.toLowerCase().replaceAll('_', ' ')}`, place };
  } catch (error) {
    const tooDeep = error instanceof RangeError;
    return { problem: tooDeep ? 'it is nested too deeply' : 'an alias has no anchor, or there are too many aliases', place: nowhere };
  }
}

function lineOf(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset);
  return `line ${line}, column ${col}`;
}

/** Where the last key of a path begins that is there. */
function offsetOf(document: Document, path: Path): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const part of path) {
    const pair = isMap(node) ? node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part)) : undefined;
    const item = isSeq(node) ? node.items[Number(part)] : pair?.value;
    const found = (isSeq(node) ? item : pair?.key) as { range?: readonly number[] | null } | undefined;
    if (found === undefined) break;
    offset = found.range?.[0] ?? offset;
    node = item;
  }
  return offset;
}

/** What of an error of the system may be told: it names files. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown reason';
}

/** Whether Kubernetes takes the value for one that is not given. */
export function isAbsent(value: unknown): value is undefined | null | '' {
  return value === undefined || value === null || value === '';
}

/** Whether the value is a mapping. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
