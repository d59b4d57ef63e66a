// `npm run images`: bundles the programs and writes their images as OCI archives, without a container tool.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { makeBase, updateLock } from './base.ts';
import { cacheFolder } from './cache-folder.ts';
import { megabytes, repeatable, type CommonFlags } from './common-flags.ts';
import { BaseUnavailableError } from './debian-packages.ts';
import { imageName } from './image-name.ts';
import type { Layer } from './layer.ts';
import { packImage, type PackedImage } from './oci-archive.ts';
import { addPackageOptions, asksForPackage, packageImage, PACKAGE_HELP, type PackageFlags } from './packages/command.ts';
import { PackageError } from './packages/package-error.ts';
import { ROOT, statementFile } from './paths.ts';
import { imageConfig, programLayers } from './program-image.ts';
import { imageOf, PROGRAMS, type Program } from './programs.ts';
import { NO_BUILDER, provenance } from './provenance.ts';
import { RUNTIMES, runtimeLayers, updateRuntimeLock, type Runtime } from './runtimes/runtimes.ts';
import { sourceIn } from './source.ts';

type Flags = PackageFlags & CommonFlags;

const HELP = `
The base is Node of the lockfile and C libraries from Debian packages, whose versions images/base-packages.json fixes;
they come from the machine's apt and are kept in the user's cache folder. The same inputs give the same bytes.

  kind load image-archive build/images/operator.tar
  ctr --namespace k8s.io images import build/images/operator.tar
${PACKAGE_HELP}`;

const program = addPackageOptions(new Command('images')
  .description('Writes the images of the operator, the Kubernetes MCP server, the stdio bridge and the runtimes of stdio servers as OCI archives. Needs neither Docker nor root.')
  .option('-o, --output <folder>', 'where the archives are written', join(ROOT, 'build/images'))
  .addOption(repeatable('--target <name>', `only this image; may be repeated (choices: ${[...PROGRAMS, ...RUNTIMES].map(({ name }) => name).join(', ')})`, 'all'))
  .addOption(repeatable('--name <name>', 'name of the image, with or without registry and tag; may be repeated; needs one --target', imageOf('TARGET', 'TAG')))
  .option('--tag <tag>', `tag of the images; of the bridge by default its own version, of the others ${packageJson.version}`)
  .option('--any-base-versions', 'take what the distribution has where a fixed version of a base package cannot be had')
  .option('--update-base', 'fix the versions of the base packages to what the distribution has')
  .option('--builder <address>', 'who builds, as the statement beside each archive says it', NO_BUILDER)
  .addHelpText('after', HELP)
  .allowExcessArguments(false));
const stop = new AbortController();

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  if (asksForPackage(flags)) {
    chosen({ ...flags, target: ['operator'] });
    // Both mean the same, however often they arrive: what was begun is taken away, and then it ends.
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
    process.stdout.write(await packageImage(flags, { cache: cacheFolder(process.env), env: process.env, signal: stop.signal, log }));
    return;
  }
  const targets = chosen(flags);
  const options = { cache: cacheFolder(process.env), log, anyVersions: flags.anyBaseVersions ?? false };
  const fixed = flags.updateBase ? [...(await updateLock(options)), ...(await updateRuntimeLock(options))] : [];
  for (const { name, version } of fixed) log(`fixed ${name} to ${version}`);
  log('base: Node and C libraries');
  const { layer: base, materials: ofBase } = await makeBase(options);
  const source = await sourceIn(ROOT);
  for (const target of targets) {
    log(`${target.name}: bundle and image`);
    const { version, layers, materials } = 'main' in target
      ? { version: target.version, layers: await layersOf(target, base), materials: ofBase }
      : { version: packageJson.version, ...(await runtimeLayers(target, options)) };
    const names = flags.name.length > 0 ? flags.name : [imageOf(target.name, flags.tag ?? version)];
    const image = await packImage({ file: join(resolve(flags.output), `${target.name}.tar`), names, layers, config: imageConfig(target) });
    const statement = provenance({
      digest: image.digest,
      parameters: { target: target.name, names: image.names, anyBaseVersions: options.anyVersions },
      source,
      materials,
      builder: flags.builder,
    });
    await writeFile(statementFile(image.file), `${JSON.stringify(statement, undefined, 2)}\n`);
    process.stdout.write(await summary(image, layers));
  }
}

/** The programs asked for. Mistakes in names end the process before anything is built. */
function chosen({ target, name, tag, builder }: Flags): readonly (Program | Runtime)[] {
  const all = [...PROGRAMS, ...RUNTIMES];
  const unknown = target.find((each) => !all.some((known) => known.name === each));
  if (unknown !== undefined) program.error(`error: there is no image ${unknown}`);
  if (!URL.canParse(builder)) program.error(`error: ${builder} is not the address of a builder, for instance https://ci.example.com/releases`);
  if (name.length > 0 && target.length !== 1) program.error('error: --name needs exactly one --target');
  try {
    [...name, imageOf('operator', tag ?? packageJson.version)].forEach(imageName);
  } catch (error) {
    program.error(`error: ${(error as Error).message}`);
  }
  return target.length === 0 ? all : all.filter((known) => target.includes(known.name));
}

async function layersOf(target: Program, base: Layer): Promise<Layer[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    return await programLayers(target, base, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function summary({ file, names, digest }: PackedImage, layers: readonly Layer[]): Promise<string> {
  const { size } = await stat(file);
  const parts = layers.map(({ blob, createdBy }) => `  layer   ${megabytes(blob.length)}  ${createdBy}`);
  const head = [
    relative(process.cwd(), file),
    ...names.map((name) => `  name    ${name}`),
    `  digest  ${digest}`,
    `  size    ${megabytes(size)}`,
    `  says    ${relative(process.cwd(), statementFile(file))}`,
  ];
  return [...head, ...parts, ''].join('\n');
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}

main().catch((error: unknown) => {
  if (stop.signal.aborted) program.error('stopped: nothing was written', { exitCode: 130 });
  if (error instanceof BaseUnavailableError || error instanceof PackageError) program.error(`error: ${error.message}`);
  throw error;
});
