// At which paths the bridge's image has what it needs, the same for every architecture: links into the base, which all images share. Pure.
import { posix } from 'node:path';
import type { Entry } from '../layer.ts';
import { APP, NODE } from '../paths.ts';

/** Libraries that Node asks for; names are looked up by the C library itself. */
const LIBRARIES = ['libc.so.6', 'libdl.so.2', 'libgcc_s.so.1', 'libm.so.6', 'libpthread.so.0', 'libstdc++.so.6'];
/** By architecture. */
const LOADERS = ['ld-linux-x86-64.so.2', 'ld-linux-aarch64.so.1'];
/** Where Debian keeps the libraries of one architecture; /lib64 has links that lead out of an image that is mounted as a volume. */
const FOLDER = /^(?:\/usr)?\/lib\/[\w-]+-linux-gnu$/;

/** The links, at the paths by which the bridge is started (charts/bridge-program.ts), given the paths of the base. They are relative, so that they also hold where the image is mounted below a folder. Throws for what the base lacks. */
export function portableLinks(base: readonly string[]): Entry[] {
  const libraries = LIBRARIES.map((name) => link(posix.join('/lib', name), library([name], base)));
  return [
    ...libraries,
    link('/lib/ld.so', library(LOADERS, base)),
    link('/node', base.find((path) => path === NODE) ?? lacking(NODE)),
    link('/stdio-bridge.mjs', posix.join(APP, 'stdio-bridge.mjs')),
  ];
}

function library(names: readonly string[], base: readonly string[]): string {
  return base.find((path) => names.includes(posix.basename(path)) && FOLDER.test(posix.dirname(path))) ?? lacking(names.join(' or '));
}

function link(path: string, to: string): Entry {
  return { path, type: 'symlink', target: posix.relative(posix.dirname(path), to) };
}

function lacking(what: string): never {
  throw new Error(`the base has no ${what}: the bridge would not run in an image of others`);
}
