// Where things lie: in the project, and in an image.
import { join } from 'node:path';

/** The project's root. */
export const ROOT = join(import.meta.dirname, '..');
/** Where bundles are written unless said otherwise. */
export const BUNDLES = join(ROOT, 'build/bundle');

/** The program of node in an image, as in the Node images of distroless. */
export const NODE = '/nodejs/bin/node';
/** The folder of the program in an image. */
export const APP = '/app';

/** Where the statement about an archive lies: beside it. */
export function statementFile(archive: string): string {
  return `${archive.replace(/\.tar$/, '')}.provenance.json`;
}
