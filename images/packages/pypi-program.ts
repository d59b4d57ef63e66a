// Which program of a Python package is the server, and the file that starts it in the image. Pure.
import { chosenProgram, type Choice, type PackageProgram } from './npm-program.ts';
import { PackageError } from './package-error.ts';
import { normalized } from './package-spec.ts';

/** Where the image's Python is, and where it looks for packages. */
export const PYTHON = '/usr/bin/python3';
export const PACKAGES = '/usr/local/lib/python3.11/dist-packages';

/** A program, and the function it calls. */
export interface EntryPoint extends PackageProgram {
  readonly module: string;
  /** Empty where importing the module is all. */
  readonly call: string;
}

const SECTION = /^\[([^\]]+)\]$/;
const POINT = /^([^=\s]+)\s*=\s*([\w.]+)(?::([\w.]+))?\s*(?:\[.*\])?$/;

/** The programs that `entry_points.txt` of a package names. */
export function entryPoints(text: string): EntryPoint[] {
  let section = '';
  return text.split('\n').map((line) => line.trim()).flatMap((line) => {
    section = SECTION.exec(line)?.[1]?.trim() ?? section;
    const [, name, module, call = ''] = POINT.exec(line) ?? [];
    return section === 'console_scripts' && name !== undefined && module !== undefined ? [{ name, module, call, file: module }] : [];
  });
}

/** The program that is wanted, as of npm packages. Throws PackageError. */
export function chosenEntryPoint(of: string, points: readonly EntryPoint[], { own, wanted }: Choice): EntryPoint {
  const named = points.find(({ name }) => normalized(name) === normalized(own))?.name ?? own;
  const { name } = chosenProgram(of, points, { own: named, wanted });
  const found = points.find((each) => each.name === name);
  if (found === undefined) throw new PackageError(`${of} has no program ${name}`);
  return found;
}

/** What starts a program. Unlike what installers write, it is the same on every machine. */
export function launcher({ module, call }: EntryPoint): string {
  const [first = ''] = call.split('.');
  const lines = call === '' ? [`import ${module}`] : ['import sys', `from ${module} import ${first}`, `sys.exit(${call}())`];
  return `#!${PYTHON}\n${lines.join('\n')}\n`;
}

/** The record of a package without what installers wrote for this machine. */
export function portableRecord(text: string): string {
  return text.split('\n').filter((line) => !/^(?:\.\.\/)*bin\/|^[^,]*(?:uv_cache\.json|__pycache__)/.test(line)).join('\n');
}

/** What METADATA of a package says of it. */
export function metadataOf(text: string): { readonly name: string; readonly version: string; readonly licence: string } {
  const [head = ''] = text.replaceAll('\r\n', '\n').split('\n\n');
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'mi').exec(head)?.[1]?.trim() ?? '';
  const classifiers = [...head.matchAll(/^Classifier: License :: (?:OSI Approved :: )?(.*)$/gm)].map(([, each = '']) => each.trim());
  const written = field('License-Expression') || (field('License').length <= 100 ? field('License') : '');
  return { name: field('Name'), version: field('Version'), licence: written && !/^unknown$/i.test(written) ? written : classifiers.join(', ') };
}
