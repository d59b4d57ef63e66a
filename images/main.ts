// `npm run images`: bundles the programs and writes their images as OCI archives, without a container tool.
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Command, Option } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { makeBase, updateLock } from './base.ts';
import { bundle } from './bundle/bundle.ts';
import { cacheFolder } from './cache-folder.ts';
import { BaseUnavailableError } from './debian-packages.ts';
import { imageName } from './image-name.ts';
import type { Layer } from './layer.ts';
import { packImage, type PackedImage } from './oci-archive.ts';
import { ROOT, statementFile } from './paths.ts';
import { imageConfig, programLayer } from './program-image.ts';
import { imageOf, PROGRAMS, type Program } from './programs.ts';
import { NO_BUILDER, provenance } from './provenance.ts';
import { sourceIn } from './source.ts';

interface Flags {
  readonly output: string;
  readonly target: readonly string[];
  readonly name: readonly string[];
  readonly tag: string;
  readonly anyBaseVersions?: boolean;
  readonly updateBase?: boolean;
  readonly builder: string;
}

const HELP = `
The base is Node of the lockfile and C libraries from Debian packages, whose versions images/base-packages.json fixes;
they come from the machine's apt and are kept in the user's cache folder. The same inputs give the same bytes.

  kind load image-archive build/images/operator.tar
  ctr --namespace k8s.io images import build/images/operator.tar`;

const program = new Command('images')
  .description('Writes the images of the operator and the Kubernetes MCP server as OCI archives. Needs neither Docker nor root.')
  .option('-o, --output <folder>', 'where the archives are written', join(ROOT, 'build/images'))
  .addOption(new Option('--target <name>', `only this image; may be repeated (choices: ${PROGRAMS.map(({ name }) => name).join(', ')})`).argParser(collect).default([], 'both'))
  .addOption(new Option('--name <name>', 'name of the image, with or without registry and tag; may be repeated; needs one --target').argParser(collect).default([], imageOf('TARGET', 'TAG')))
  .option('--tag <tag>', 'tag of the images', packageJson.version)
  .option('--any-base-versions', 'take what the distribution has where a fixed version of a base package cannot be had')
  .option('--update-base', 'fix the versions of the base packages to what the distribution has')
  .option('--builder <address>', 'who builds, as the statement beside each archive says it', NO_BUILDER)
  .addHelpText('after', HELP)
  .allowExcessArguments(false);

async function main(): Promise<void> {
  const flags = program.parse().opts<Flags>();
  const targets = chosen(flags);
  const options = { cache: cacheFolder(process.env), log, anyVersions: flags.anyBaseVersions ?? false };
  if (flags.updateBase) for (const { name, version } of await updateLock(options)) log(`fixed ${name} to ${version}`);
  log('base: Node and C libraries');
  const { layer: base, materials } = await makeBase(options);
  const source = await sourceIn(ROOT);
  for (const target of targets) {
    log(`${target.name}: bundle and image`);
    const layer = await bundledLayer(target);
    const names = flags.name.length > 0 ? flags.name : [imageOf(target.name, flags.tag)];
    const layers = [base, layer];
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
function chosen({ target, name, tag, builder }: Flags): readonly Program[] {
  const unknown = target.find((each) => !PROGRAMS.some((known) => known.name === each));
  if (unknown !== undefined) program.error(`error: there is no image ${unknown}`);
  if (!URL.canParse(builder)) program.error(`error: ${builder} is not the address of a builder, for instance https://ci.example.com/releases`);
  if (name.length > 0 && target.length !== 1) program.error('error: --name needs exactly one --target');
  try {
    [...name, imageOf('operator', tag)].forEach(imageName);
  } catch (error) {
    program.error(`error: ${(error as Error).message}`);
  }
  return target.length === 0 ? PROGRAMS : PROGRAMS.filter((known) => target.includes(known.name));
}

async function bundledLayer(target: Program): Promise<Layer> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  try {
    const { files } = await bundle(target, folder);
    return await programLayer(folder, files);
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

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

main().catch((error: unknown) => {
  if (error instanceof BaseUnavailableError) program.error(`error: ${error.message}`);
  throw error;
});
