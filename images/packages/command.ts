// The options of `npm run images` for packages of registries: which they are, what they mean together, and what is said when it is done.
import { stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { architectureHere, ARCHITECTURES, type Architecture } from '../architecture.ts';
import { megabytes, repeatable, type CommonFlags } from '../common-flags.ts';
import { statementFile } from '../paths.ts';
import { packPackage, type PackageRequest, type PackedPackage } from './pack-package.ts';
import { PackageError } from './package-error.ts';
import type { Ecosystem } from './package-spec.ts';
import type { Workshop } from './workshop.ts';

/** What commander makes of them. */
export interface PackageFlags {
  readonly npm?: string;
  readonly pypi?: string;
  readonly bin?: string;
  readonly file: readonly string[];
  readonly with: readonly string[];
  readonly accept: readonly string[];
  readonly lock?: string;
  readonly arch: readonly Architecture[];
  readonly port?: number;
  readonly arg: readonly string[];
  readonly env: readonly string[];
}

export const PACKAGE_HELP = `
An MCP server that comes as a package becomes an image in seconds, and the MCPServer that goes with it is printed:

  npm run images -- --npm @modelcontextprotocol/server-everything@2026.8.31
  npm run images -- --pypi mcp-server-time==2026.10.19 --arg=--local-timezone=UTC
  npm run images -- --npm @modelcontextprotocol/server-everything@2026.8.31 --port 3001 --arg streamableHttp
  npm run images -- --pypi mcp==2.3.0 --file weather.py --port 8000

Registries, proxies and authorities are those that npm and uv (or pip) are set up for. Nothing of a package runs while its image is made.`;

/** Adds the options to the command. */
export function addPackageOptions(program: Command): Command {
  return program
    .option('--npm <package@version>', 'instead, the image of an npm package, whose program is an MCP server')
    .option('--pypi <package==version>', 'instead, the image of a Python package, from wheels')
    .option('--bin <name>', "the package's program, where it has several")
    .addOption(repeatable('--file <path>', 'a program of your own that imports the package: it is put beside it, and started; may be repeated, for files that the first one needs'))
    .addOption(repeatable('--with <requirement>', "a version that a Python package does not ask for by itself, for instance 'mcp<2'; may be repeated"))
    .addOption(repeatable('--accept <package>', 'take this package of npm although it runs something when it is installed, which is not done; may be repeated'))
    .option('--lock <file>', 'install what this file names: the one beside an earlier archive, for the same bytes')
    .addOption(new Option('--arch <name>', `for this architecture only; may be repeated (choices: ${ARCHITECTURES.join(', ')})`).argParser(architecture).default([], 'both'))
    .option('--port <number>', 'the server speaks Streamable HTTP and listens there; without it, it speaks stdio', port)
    .addOption(repeatable('--arg <text>', 'argument of the program in the MCPServer that is printed; may be repeated; --arg=--flag where it begins with a hyphen'))
    .addOption(repeatable('--env <name=value>', 'variable in the MCPServer that is printed; may be repeated'));
}

function architecture(value: string, before: readonly Architecture[] | undefined): Architecture[] {
  const found = ARCHITECTURES.find((each) => each === value);
  if (found === undefined) throw new InvalidArgumentError(`expected ${ARCHITECTURES.join(' or ')}.`);
  return [...new Set([...(before ?? []), found])];
}

function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < 1 || number > 65_535) throw new InvalidArgumentError('expected a number from 1 to 65535.');
  return number;
}

/** Whether an image of a package is asked for. Throws PackageError for flags that mean nothing together. */
export function asksForPackage(flags: PackageFlags & CommonFlags): boolean {
  const { npm, pypi, target, tag, updateBase } = flags;
  if (npm !== undefined && pypi !== undefined) throw new PackageError('--npm and --pypi are two images: make one after the other');
  if (npm !== undefined || pypi !== undefined) {
    if (target.length > 0 || tag !== undefined || updateBase === true) throw new PackageError('--target, --tag and --update-base are for images of ours: leave them out beside --npm and --pypi; --name names the image');
    if (pypi !== undefined && flags.accept.length > 0) throw new PackageError('--accept is for packages of npm: of Python only wheels are taken, which run nothing');
    if (flags.bin !== undefined && flags.file.length > 0) throw new PackageError('--bin is a program of the package, and --file one of your own: name one of them');
    if (npm !== undefined && flags.with.length > 0) throw new PackageError('--with is for packages of PyPI: those of npm say what they need');
    return true;
  }
  const alone = (['bin', 'lock', 'port'] as const).find((name) => flags[name] !== undefined)
    ?? (['file', 'with', 'accept', 'arch', 'arg', 'env'] as const).find((name) => flags[name].length > 0);
  if (alone !== undefined) throw new PackageError(`--${alone} is about the image of a package: it needs --npm PACKAGE@VERSION or --pypi PACKAGE==VERSION`);
  return false;
}

/** Makes the image that the flags ask for, and tells what was made. */
export async function packageImage(flags: PackageFlags & CommonFlags, kept: Omit<Workshop, 'folder'>): Promise<string> {
  const ecosystem: Ecosystem = flags.npm === undefined ? 'pypi' : 'npm';
  const wanted = flags.arch.length > 0 ? flags.arch : ARCHITECTURES;
  const request: PackageRequest = {
    ecosystem,
    text: flags.npm ?? flags.pypi ?? '',
    bin: flags.bin,
    files: flags.file,
    others: flags.with.map(requirement),
    accept: flags.accept,
    lockFile: flags.lock,
    // Its own first: what does not fit this machine is said before the other is fetched.
    architectures: wanted.toSorted((a, b) => Number(b === architectureHere()) - Number(a === architectureHere())),
    port: flags.port,
    args: flags.arg,
    env: variables(flags.env),
    names: flags.name,
    anyBaseVersions: flags.anyBaseVersions ?? false,
    builder: flags.builder,
    output: resolve(flags.output),
  };
  return summary(await packPackage(request, kept));
}

/** One requirement of the index: nothing that uv would read otherwise, such as an option or an address. */
function requirement(text: string): string {
  if (!/^[a-zA-Z0-9][\w.-]*(?:\[[\w., -]+\])?\s*(?:[<>=!~]=?|===)[\w.*+!<>=~, ]+$/.test(text)) throw new PackageError(`--with ${text} is not a requirement, for instance mcp<2`);
  return text;
}

function variables(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => {
    const [, name, value] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new PackageError(`--env ${text} is not NAME=VALUE`);
    return [name, value];
  }));
}

async function summary(made: PackedPackage): Promise<string> {
  const { file, names, digest, layers, lockFile, manifestFile, manifest, here: runner } = made;
  const sizes = Object.entries(layers).map(([name, all]) => `${name} ${megabytes(all.reduce((sum, { blob }) => sum + blob.length, 0))}`);
  return [
    here(file),
    ...names.map((name) => `  name    ${name}`),
    `  digest  ${digest}`,
    `  size    ${megabytes((await stat(file)).size)} (${sizes.join(', ')})`,
    `  says    ${here(statementFile(file))}`,
    `  locked  ${here(lockFile)}`,
    `  server  ${here(manifestFile)}:`,
    '',
    ...manifest.trimEnd().split('\n').map((line) => `    ${line}`),
    '',
    'Try it, as root:',
    `  npm start -- --image ${here(file)} --apply ${here(manifestFile)}`,
    'Without root, by a program of this machine in place of the image:',
    `  npm start -- --program '${names[0]}=${runner}' --apply ${here(manifestFile)}`,
    '',
  ].join('\n');
}

/** As it is named from where the user is. */
function here(path: string): string {
  return relative(process.cwd(), path) || path;
}
