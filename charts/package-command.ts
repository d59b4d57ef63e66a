// Commands that start the program of a package, as desktop configurations have them: `npx -y PACKAGE@VERSION`, `uvx PACKAGE==VERSION`.
// Pure, and without imports: the stdio bridge takes it along into every pod.

/** What such a command says. */
export interface PackageCommand {
  /** Whose package it is: of npm, or of Python by uv. */
  readonly by: 'npm' | 'uv';
  /** Packages as they are written, with their versions; the program is that of the first. */
  readonly packages: readonly [string, ...string[]];
  /** Name of the first package, without its version. */
  readonly name: string;
  /** The program, where it is named beside the package. */
  readonly program: string | undefined;
  /** Options for whoever installs: all that were given, but those that answer questions. */
  readonly options: readonly string[];
  /** Arguments of the program. */
  readonly args: readonly string[];
}

/** Options of a runner: those that stand alone, those that take a value, and those that name a package. */
interface Options {
  readonly alone: readonly string[];
  readonly valued: readonly string[];
  readonly packages: readonly string[];
  /** Of these, the ones that only answer a question. */
  readonly answers: readonly string[];
}

const NPX: Options = {
  alone: ['-y', '--yes', '-q', '--quiet', '-s', '--silent', '--prefer-offline', '--prefer-online', '--offline', '--ignore-scripts'],
  valued: ['--registry', '--userconfig'],
  packages: ['-p', '--package'],
  answers: ['-y', '--yes'],
};
const UVX: Options = {
  alone: ['-q', '--quiet', '--native-tls', '--system-certs', '--offline', '--no-build', '--no-progress', '--no-config'],
  valued: [
    '--with', '-p', '--python', '-i', '--index-url', '--extra-index-url', '--index', '--default-index', '-f', '--find-links',
    '--prerelease', '--exclude-newer',
  ],
  packages: ['--from'],
  answers: [],
};

const NPM_NAME = /^(?:@[\w.~-]+\/)?[\w.~-]+/;
/** A package of the registry: no folder, archive or repository, and no other name for one. */
const NPM_PACKAGE = /^(?:@[a-z0-9~][\w.~-]*\/)?[a-z0-9~][\w.~-]*(?:@[^:/@]+)?$/i;
const NPM_EXACT = /.@[v=]?\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?$/;
const UV_NAME = /^[a-z0-9](?:[\w.-]*[a-z0-9])?/i;
/** A requirement without an address and without a condition. */
const UV_PACKAGE = /^[a-z0-9](?:[\w.-]*[a-z0-9])?(?:\[[\w ,.-]+\])?(?:@[\w.!+-]+|(?: *(?:[=<>!~]=|===|[<>]) *[\w.!+*-]+ *,?)+)?$/i;
const UV_EXACT = /(?:===? *\d[\w.!+-]*|@\d[\w.!+-]*)(?:,|$)/;
/** uvx takes these for the interpreter itself. */
const INTERPRETER = /^(?:python|pypy|cpython|graalpy)[\d.]*$/i;

/** Whether a command belongs to npm or uv, which keep caches, whatever else it says. */
export function needsCache(command: readonly string[] | undefined): boolean {
  return ['npx', 'npm', 'uvx', 'uv'].includes(baseName(command?.[0]));
}

/** What a command with its arguments says; undefined when it starts no package, or in a way that is not understood. */
export function packageCommand(command: readonly string[]): PackageCommand | undefined {
  const [first, second, third] = command;
  const runner = baseName(first);
  if (runner === 'npx') return npx(command.slice(1));
  if (runner === 'uvx') return uvx(command.slice(1));
  if (runner === 'uv' && second === 'tool' && third === 'run') return uvx(command.slice(3));
  // Behind its own name npm takes every option for its own that no "--" stands before.
  if (runner !== 'npm' || (second !== 'exec' && second !== 'x')) return undefined;
  const end = command.indexOf('--');
  const isSeparate = end >= 0 && command.slice(2, end).every((part, index, all) => part.startsWith('-') || takesValue(NPX, all[index - 1]));
  return isSeparate ? npx(command.slice(2)) : undefined;
}

/** Packages of a command that have no exact version, so that each start may be of another program. */
export function movingPackages(command: readonly string[]): string[] {
  const found = packageCommand(command);
  if (found === undefined) return [];
  const exact = found.by === 'npm' ? NPM_EXACT : UV_EXACT;
  return found.packages.filter((each) => !exact.test(each));
}

function npx(parts: readonly string[]): PackageCommand | undefined {
  const read = readOptions(NPX, parts);
  if (read === undefined) return undefined;
  const [positional, ...args] = read.rest;
  const [first, ...others] = read.packages.length > 0 ? read.packages : [positional ?? ''];
  if (first === undefined || ![first, ...others].every((each) => NPM_PACKAGE.test(each))) return undefined;
  const program = read.packages.length > 0 ? positional : undefined;
  if (read.packages.length > 0 && !isProgram(program)) return undefined;
  return { by: 'npm', packages: [first, ...others], name: NPM_NAME.exec(first)?.[0] ?? '', program, options: read.options, args };
}

function uvx(parts: readonly string[]): PackageCommand | undefined {
  const read = readOptions(UVX, parts);
  if (read === undefined || read.packages.length > 1) return undefined;
  const [positional = '', ...args] = read.rest;
  const [from] = read.packages;
  const spec = from ?? positional;
  const name = UV_NAME.exec(spec)?.[0] ?? '';
  if (!UV_PACKAGE.test(spec) || INTERPRETER.test(name)) return undefined;
  const program = from === undefined ? undefined : positional;
  if (from !== undefined && (!isProgram(program) || INTERPRETER.test(positional))) return undefined;
  return { by: 'uv', packages: [spec], name, program, options: read.options, args };
}

/** The file name of a program, and nothing that leads elsewhere. */
function isProgram(name: string | undefined): boolean {
  return name !== undefined && /^\w[\w.-]*$/.test(name);
}

interface ReadOptions {
  readonly packages: readonly string[];
  readonly options: readonly string[];
  /** From the first part that is no option. */
  readonly rest: readonly string[];
}

function readOptions(known: Options, parts: readonly string[]): ReadOptions | undefined {
  const packages: string[] = [];
  const options: string[] = [];
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    if (part === '--') return { packages, options, rest: parts.slice(index + 1) };
    if (!part.startsWith('-')) return { packages, options, rest: parts.slice(index) };
    const [name = '', ...joined] = part.split('=');
    if (known.alone.includes(part)) {
      if (!known.answers.includes(part)) options.push(part);
    } else if (takesValue(known, name)) {
      const isJoined = part.includes('=');
      const value = isJoined ? joined.join('=') : parts[(index += 1)];
      if (value === undefined) return undefined;
      if (known.packages.includes(name)) packages.push(value);
      else options.push(...(isJoined ? [part] : [name, value]));
    } else return undefined;
  }
  return undefined;
}

function takesValue(known: Options, name: string | undefined): boolean {
  return name !== undefined && (known.valued.includes(name) || known.packages.includes(name));
}

function baseName(path: string | undefined): string {
  return path?.split('/').at(-1) ?? '';
}
