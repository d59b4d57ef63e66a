// Compares an archive with the statement about it: every blob with its name, and what is inside with what the statement says was taken in.
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { digestOf } from './layer.ts';
import { NODE } from './paths.ts';
import { BUILD_TYPE, type Resource, type Statement } from './provenance.ts';
import { tarFiles } from './tar-files.ts';

type Files = ReadonlyMap<string, Uint8Array>;

interface Manifest {
  readonly config: { readonly digest: string };
  readonly layers: readonly { readonly digest: string }[];
}

/** What differs, each as a sentence; empty when nothing does. Throws when the archive or the statement cannot be read at all. */
export async function differences(archive: string, statementFile: string): Promise<string[]> {
  const files = await tarFiles(await readFile(archive));
  const statement = readStatement(await readFile(statementFile, 'utf8'));
  const blobs = [...files].filter(([path]) => path.startsWith('blobs/'));
  const wrong = blobs.filter(([path, content]) => `blobs/${digestOf(content).replace(':', '/')}` !== path);
  const damaged = wrong.map(([path]) => `${path} has other contents than its name says`);
  if (damaged.length > 0) return damaged;
  return [...subjects(files, statement), ...names(files, statement), ...(await contents(files, statement))];
}

function readStatement(text: string): Statement {
  const statement = JSON.parse(text) as Partial<Statement> | null;
  const buildDefinition = statement?.predicate?.buildDefinition;
  const isOurs = statement?.predicateType === 'https://slsa.dev/provenance/v1' && buildDefinition?.buildType === BUILD_TYPE;
  if (!isOurs) throw new Error('the statement is not one that npm run images writes');
  return statement as Statement;
}

/** Under a name an image is run: another one in the archive would be another promise. */
function names(files: Files, { predicate }: Statement): string[] {
  const held = entriesOf(files).map(({ annotations }) => annotations?.['io.containerd.image.name'] ?? 'no name');
  const told = predicate.buildDefinition.externalParameters.names;
  return [
    ...held.filter((name) => !told.includes(name)).map((name) => `the archive calls the image ${name}, the statement does not`),
    ...told.filter((name) => !held.includes(name)).map((name) => `the statement calls the image ${name}, the archive does not`),
  ];
}

/** Every image of the archive is a subject, and every subject is an image of the archive. */
function subjects(files: Files, { subject }: Statement): string[] {
  const held = [...new Set(entriesOf(files).map(({ digest }) => digest))];
  const told = subject.map(({ digest }) => `sha256:${digest.sha256}`);
  return [
    ...held.filter((digest) => !told.includes(digest)).map((digest) => `the archive holds ${digest}, of which the statement says nothing`),
    ...told.filter((digest) => !held.includes(digest)).map((digest) => `the statement is about ${digest}, which is not in the archive`),
  ];
}

async function contents(files: Files, statement: Statement): Promise<string[]> {
  const dependencies = statement.predicate.buildDefinition.resolvedDependencies;
  const found: string[] = [];
  const all = manifests(files).map((digest) => json(files, digest) as Manifest);
  for (const { config, layers } of all) {
    const { architecture } = json(files, config.digest) as { architecture: string };
    const inside = await unpacked(files, layers);
    found.push(...node(inside, dependencies), ...debian(inside, dependencies, architecture));
  }
  return found;
}

/** The files of all layers, as a container has them. */
async function unpacked(files: Files, layers: Manifest['layers']): Promise<Files> {
  const inside = new Map<string, Uint8Array>();
  for (const { digest } of layers) {
    for (const [path, content] of await tarFiles(await promisify(gunzip)(blob(files, digest)))) inside.set(path, content);
  }
  return inside;
}

/** The Node of an image, which not every image has: a statement may name that of each architecture. */
function node(inside: Files, dependencies: readonly Resource[]): string[] {
  const told = dependencies.filter(({ name }) => name === NODE).map(({ digest }) => digest['sha256']);
  const content = inside.get(NODE.slice(1));
  if (content === undefined && told.length === 0) return [];
  const is = digestOf(content ?? Buffer.of()).replace('sha256:', '');
  return told.includes(is) ? [] : [`${NODE} has SHA-256 ${is}, the statement says ${told.join(' or ') || 'nothing of it'}`];
}

/** The packages that are recorded in the image, and those that the statement names of its architecture. */
function debian(inside: Files, dependencies: readonly Resource[], architecture: string): string[] {
  const controls = [...inside].filter(([path]) => /^var\/lib\/dpkg\/status\.d\/[^/]+$/.test(path) && !path.endsWith('.md5sums'));
  const held = controls.map(([, content]) => {
    const text = Buffer.from(content).toString();
    return `${/^Package: (.*)$/m.exec(text)?.[1]}@${/^Version: (.*)$/m.exec(text)?.[1]}`;
  });
  const purls = dependencies.map(({ uri = '' }) => /^pkg:deb\/[^/]+\/([^?]+)\?(?:.*&)?arch=(\w+)/.exec(uri));
  const told = purls.flatMap((purl) => (purl?.[2] === architecture ? [purl[1] ?? ''] : [])).map(decodeURIComponent);
  return [
    ...held.filter((each) => !told.includes(each)).map((each) => `the image holds the Debian package ${each}, the statement does not name it`),
    ...told.filter((each) => !held.includes(each)).map((each) => `the statement names the Debian package ${each}, the image does not hold it`),
  ];
}

interface Entry {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function entriesOf(files: Files): readonly Entry[] {
  return (JSON.parse(textOf(files.get('index.json'), 'index.json')) as { manifests: readonly Entry[] }).manifests;
}

/** The manifests of all images, those in the list of an image for several architectures too. */
function manifests(files: Files): string[] {
  const digests = entriesOf(files).flatMap(({ digest }) => {
    const { manifests: inside } = json(files, digest) as { manifests?: readonly Entry[] };
    return inside?.map((each) => each.digest) ?? [digest];
  });
  return [...new Set(digests)];
}

function json(files: Files, digest: string): unknown {
  return JSON.parse(textOf(blob(files, digest), digest));
}

function blob(files: Files, digest: string): Uint8Array {
  const found = files.get(`blobs/${digest.replace(':', '/')}`);
  if (found === undefined) throw new Error(`the archive lacks ${digest}`);
  return found;
}

function textOf(content: Uint8Array | undefined, what: string): string {
  if (content === undefined) throw new Error(`the archive lacks ${what}`);
  return Buffer.from(content).toString();
}
