// Which program of an npm package is the server, and what runs it in the image. Pure.
import { posix } from 'node:path';
import type { Architecture } from '../architecture.ts';
import { NODE } from '../paths.ts';
import { PackageError } from './package-error.ts';

/** What of a package.json says which programs there are. */
export interface Manifest {
  readonly name: string;
  readonly bin?: string | Readonly<Record<string, string>>;
}

/** A program by its name, and its file in the package. */
export interface PackageProgram {
  readonly name: string;
  readonly file: string;
}

/** By which a program is chosen: the package's own name, and the one that is wanted. */
export interface Choice {
  readonly own: string;
  readonly wanted: string | undefined;
}

/** How the image starts a file: by itself, or with a program of the image before it. */
export type Start = { readonly by: 'itself' } | { readonly by: 'words'; readonly words: readonly string[] };

const NAME = /^\w[\w.-]{0,99}$/;
/** What the image has in the folders of the path. */
const IN_IMAGE = ['node', 'npm', 'npx', 'sh', 'env', 'dirname', 'realpath', 'busybox'];
const SCRIPT = /\.[cm]?js$/;
const ELF = Buffer.from([0x7f, 0x45, 0x4c, 0x46]);
/** `e_machine` of ELF. */
const MACHINES: Readonly<Record<Architecture, number>> = { amd64: 62, arm64: 183 };

/** The programs of a package by name, as npm links them. */
export function programsOf({ name, bin = {} }: Manifest): PackageProgram[] {
  const named = typeof bin === 'string' ? { [posix.basename(name)]: bin } : bin;
  return Object.entries(named).map(([each, file]) => ({ name: posix.basename(each), file }));
}

/** The one that is wanted; unless one is, the only one, or that of the package's name, as npx has it. Throws PackageError. */
export function chosenProgram(of: string, programs: readonly PackageProgram[], { own, wanted }: Choice): PackageProgram {
  const names = programs.map(({ name }) => name);
  if (names.length === 0) throw new PackageError(`${of} has no program, so it is a library: name the package of the server that uses it`);
  const only = wanted === undefined && programs.length === 1 ? programs[0] : undefined;
  const found = programs.find(({ name }) => name === (wanted ?? own)) ?? only;
  if (found === undefined) {
    throw new PackageError(wanted === undefined
      ? `${of} has ${names.length} programs: name one with --bin, which are ${names.join(', ')}`
      : `${of} has no program ${wanted}: it has ${names.join(', ')}`);
  }
  if (!NAME.test(found.name) || IN_IMAGE.includes(found.name)) throw new PackageError(`the program of ${of} is called ${found.name}, as one of the image is: it cannot be told from it`);
  return found;
}

/** How a program is started, by how its file begins. Throws PackageError where the image has nothing that runs it. */
export function startOf({ name, file }: PackageProgram, content: Uint8Array, architecture: Architecture): Start {
  const start = Buffer.from(content.subarray(0, 1024));
  if (start.subarray(0, 4).equals(ELF)) {
    if (start.readUInt16LE(18) === MACHINES[architecture]) return { by: 'itself' };
    throw new PackageError(`${name} is a program for another processor than ${architecture}: where it is one for the other, --arch names it`);
  }
  const [, line] = /^#!\s*([^\r\n]+)/.exec(start.toString('latin1')) ?? [];
  if (line === undefined) {
    if (SCRIPT.test(file)) return { by: 'words', words: [NODE] };
    throw new PackageError(`${name} (${file}) does not say what runs it: it has no #! line`);
  }
  const words = line.trim().split(/\s+/);
  const interpreter = words[0]?.endsWith('/env') === true ? words.slice(words[1] === '-S' ? 2 : 1) : words;
  const program = posix.basename(interpreter[0] ?? '');
  if (line === '/usr/bin/env node' || (program === 'sh' && interpreter.length === 1)) return { by: 'itself' };
  if (program === 'node' || program === 'nodejs') return { by: 'words', words: [NODE, ...interpreter.slice(1)] };
  if (program === 'sh') return { by: 'words', words: ['/bin/sh', ...interpreter.slice(1)] };
  throw new PackageError(`${name} is started by ${program || line}, which the image does not have: it has Node and sh`);
}
