// From a package of a registry to an image: installed for each architecture, packed onto the runtime, with what goes beside the archive.
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Architecture } from '../architecture.ts';
import { BASE_ENV, type Material } from '../base.ts';
import { billOf, npmUrl, type Component } from '../bundle/sbom.ts';
import { digestOf, packLayer, type Entry, type Layer } from '../layer.ts';
import { packMultiImage, type ImageConfig, type PackedImage } from '../oci-archive.ts';
import { ROOT, statementFile } from '../paths.ts';
import { imageOf, NONROOT } from '../programs.ts';
import { provenance, type Resource } from '../provenance.ts';
import { RUNTIMES, runtimeLayers } from '../runtimes/runtimes.ts';
import { sourceIn } from '../source.ts';
import { subjectOf } from './components.ts';
import { Npm, type Installed } from './npm.ts';
import { PackageError } from './package-error.ts';
import { ownFiles } from './own-files.ts';
import { namesOf, NoVersionError, npmSpec, pypiSpec, written, type Ecosystem, type PackageNames, type PackageSpec } from './package-spec.ts';
import { Pypi } from './pypi.ts';
import { NotFoundError } from './registry-words.ts';
import { serverManifest } from './server-manifest.ts';
import type { Workshop } from './workshop.ts';

/** What a user asks for. */
export interface PackageRequest {
  readonly ecosystem: Ecosystem;
  /** With its version, as written. */
  readonly text: string;
  readonly bin?: string | undefined;
  /** Files of the user's own, the first of which is started in the package's place. */
  readonly files: readonly string[];
  /** Further requirements of a Python package, for instance `mcp<2`. */
  readonly others: readonly string[];
  /** Packages that are taken although they run something when they are installed. */
  readonly accept: readonly string[];
  /** A lockfile of an earlier image, to make the same again. */
  readonly lockFile?: string | undefined;
  readonly architectures: readonly Architecture[];
  readonly port?: number | undefined;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Of the image, in place of the one made from the package's. */
  readonly names: readonly string[];
  readonly anyBaseVersions: boolean;
  readonly builder: string;
  /** Folder for all that is written. */
  readonly output: string;
}

/** What was written. */
export interface PackedPackage extends PackedImage {
  readonly layers: Readonly<Partial<Record<Architecture, readonly Layer[]>>>;
  readonly lockFile: string;
  readonly manifestFile: string;
  readonly manifest: string;
  readonly program: string;
  /** A command that does the same on a machine without containers. */
  readonly here: string;
}

const LOCK_ENDINGS: Readonly<Record<Ecosystem, string>> = { npm: '.package-lock.json', pypi: '.requirements.txt' };
/** The root file system of a pod is read-only: whatever a program keeps beside itself, or in a home, goes to /tmp. */
const WRITABLE = '/tmp';
const ENVIRONMENT: Readonly<Record<Ecosystem, readonly string[]>> = {
  npm: ['NODE_ENV=production'],
  pypi: ['PYTHONUNBUFFERED=1', `PYTHONPYCACHEPREFIX=${WRITABLE}/.pycache`],
};

/** Makes the image. Throws PackageError and BaseUnavailableError, with nothing written; what the signal says, with nothing left. */
export async function packPackage(request: PackageRequest, kept: Omit<Workshop, 'folder'>): Promise<PackedPackage> {
  const folder = await mkdtemp(join(tmpdir(), 'package-image-'));
  try {
    return await inWorkshop(request, { ...kept, folder });
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function inWorkshop(request: PackageRequest, workshop: Workshop): Promise<PackedPackage> {
  const { ecosystem, architectures, accept, bin } = request;
  const spec = await specOf(request, workshop);
  const installer = installerOf(spec, workshop, request.others);
  await installer.prepare();
  const lock = await lockOf(request, installer, { spec, log: workshop.log });
  const own = request.files.length === 0 ? undefined : await ownFiles(ecosystem, request.files, lock);
  const runtime = RUNTIMES.find(({ name }) => name === (ecosystem === 'npm' ? 'node-runtime' : 'python-runtime'));
  if (runtime === undefined) throw new Error(`there is no runtime for ${ecosystem}`);
  const layers: Partial<Record<Architecture, readonly Layer[]>> = {};
  const materials = new Map<string, Material>();
  const resources = new Map<string, Resource>();
  let program = own?.program ?? '';
  for (const architecture of architectures) {
    workshop.log(`${written(spec)}: installing for ${architecture}`);
    const installed = await installer.install(lock, architecture, { bin, accept, isLibrary: own !== undefined });
    const options = { cache: workshop.cache, log: workshop.log, anyVersions: request.anyBaseVersions, architecture };
    const stand = await runtimeLayers(runtime, options);
    workshop.signal.throwIfAborted();
    // Packages without anything of one architecture are compressed once.
    const packing = { cache: join(workshop.folder, 'layers'), level: 6 };
    const packages = await packLayer(`${ecosystem} ${written(spec)}`, packageEntries(spec, installed), packing);
    const files = own === undefined ? [] : [await packLayer(`files of ${own.names.file}`, own.entries)];
    layers[architecture] = [...stand.layers, packages, ...files];
    for (const each of stand.materials) materials.set(each.uri, each);
    for (const each of installed.components.flatMap(resourceOf)) resources.set(each.uri ?? '', each);
    if (own === undefined) ({ program } = installed);
    workshop.signal.throwIfAborted();
  }
  const made = { spec, names: own?.names ?? namesOf(spec), here: own?.here ?? hereOf(spec), lock, layers, program };
  return write(request, { ...made, materials: [...materials.values()], resources: [...resources.values()] });
}

/** What was made, before it is written. */
interface Made {
  readonly spec: PackageSpec;
  readonly names: PackageNames;
  /** A command that does the same on a machine without containers. */
  readonly here: string;
  readonly lock: string;
  readonly layers: Readonly<Partial<Record<Architecture, readonly Layer[]>>>;
  readonly program: string;
  readonly materials: readonly Material[];
  readonly resources: readonly Resource[];
}

/** Writes everything, the archive last: where it lies, the rest does too. */
async function write(request: PackageRequest, made: Made): Promise<PackedPackage> {
  const { spec, names, here, lock, layers, program, materials, resources } = made;
  const { ecosystem, output, architectures, accept, anyBaseVersions, builder, port, args, env } = request;
  const file = join(output, `${names.file}.tar`);
  const imageNames = request.names.length > 0 ? request.names : [imageOf(names.image, names.tag)];
  const temporary = `${file}.${process.pid}.new`;
  await mkdir(output, { recursive: true });
  try {
    const packed = await packMultiImage(temporary, { names: imageNames, layers, config: configOf(spec, program) });
    const lockFile = join(output, `${names.file}${LOCK_ENDINGS[ecosystem]}`);
    const choices = { program, accepted: accept, architectures };
    const parameters = { target: `${ecosystem}:${written(spec)}`, names: packed.names, anyBaseVersions, package: choices };
    const locked = { name: `${names.file}${LOCK_ENDINGS[ecosystem]}`, digest: { sha256: digestOf(Buffer.from(lock)).replace('sha256:', '') } };
    const source = await sourceIn(ROOT);
    const others = [locked, ...resources];
    const statement = provenance({ digest: packed.digest, parameters, source, materials, others, builder });
    const manifest = serverManifest({ name: names.server, image: packed.names[0] ?? '', program, port, args, env });
    const manifestFile = join(output, `${names.file}.yaml`);
    await writeFile(lockFile, lock);
    await writeFile(manifestFile, manifest);
    await writeFile(statementFile(file), `${JSON.stringify(statement, undefined, 2)}\n`);
    await rename(temporary, file);
    return { ...packed, file, layers, lockFile, manifestFile, manifest, program, here };
  } finally {
    await rm(temporary, { force: true });
  }
}

function configOf(spec: PackageSpec, program: string): ImageConfig {
  return {
    User: NONROOT,
    Env: [...BASE_ENV, `HOME=${WRITABLE}`, 'MALLOC_ARENA_MAX=1', ...ENVIRONMENT[spec.ecosystem]],
    Entrypoint: [`/usr/local/bin/${program}`],
    WorkingDir: WRITABLE,
    StopSignal: 'SIGTERM',
    Labels: { 'org.opencontainers.image.title': spec.name, 'org.opencontainers.image.version': spec.version },
  };
}

function packageEntries(spec: PackageSpec, { entries, components }: Installed): Entry[] {
  const path = `/usr/share/sbom/${namesOf(spec).file}.cdx.json`;
  return [...entries, { path, type: 'file', content: Buffer.from(billOf(subjectOf(spec, components), components)) }];
}

/** What runs a package where there are no containers. */
function hereOf(spec: PackageSpec): string {
  return spec.ecosystem === 'npm' ? `npx -y ${written(spec)}` : `uvx ${written(spec)}`;
}

/** A package with the hash by which it was taken; those of Python are held by the lock, which is named itself. */
function resourceOf(component: Component): Resource[] {
  const { name, sha512 } = component;
  return sha512 === undefined ? [] : [{ name, uri: npmUrl(component), digest: { sha512 } }];
}

function installerOf(spec: PackageSpec, workshop: Workshop, others: readonly string[] = []): Npm | Pypi {
  return spec.ecosystem === 'npm' ? new Npm(workshop, spec) : new Pypi(workshop, spec, others);
}

interface Asking {
  readonly spec: PackageSpec;
  readonly log: (line: string) => void;
}

/** Where only the version is missing, says the newest. */
async function specOf({ ecosystem, text }: PackageRequest, workshop: Workshop): Promise<PackageSpec> {
  try {
    return ecosystem === 'npm' ? npmSpec(text) : pypiSpec(text);
  } catch (error) {
    if (!(error instanceof NoVersionError)) throw error;
    const installer = installerOf({ ...error.package, version: '' }, workshop);
    await installer.prepare();
    const newest = await installer.newest(error.package.name);
    if (newest === undefined) throw new PackageError(`${error.message}, and the registry knows no ${error.package.name}`);
    throw new PackageError(`${error.message}. The newest is --${ecosystem} ${written({ ...error.package, version: newest })}`);
  }
}

async function lockOf({ lockFile }: PackageRequest, installer: Npm | Pypi, { spec, log }: Asking): Promise<string> {
  if (lockFile !== undefined) return readFile(lockFile, 'utf8').catch(() => Promise.reject(new PackageError(`${lockFile} cannot be read: name the lockfile that lies beside an earlier archive`)));
  log(`${written(spec)}: asking the registry what it needs`);
  try {
    return await installer.lock();
  } catch (error) {
    if (!(error instanceof NotFoundError) || error.what !== 'version') throw error;
    const newest = await installer.newest(spec.name);
    throw new PackageError(newest === undefined ? error.message : `${error.message}: the newest is ${written({ ...spec, version: newest })}`);
  }
}
