// Which npm packages the code of a bundle comes from, and what they say about themselves.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** An installed npm package. */
export interface Package {
  readonly name: string;
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Where it lies. */
  readonly folder: string;
}

/** The folder of the package that owns a module: what follows the last node_modules/ in its path. */
const PACKAGE_FOLDER = /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/;

/** The packages that own the modules, each once, by name and version. Modules of the project itself are skipped. Throws for a package without a licence. */
export function packagesOf(modules: readonly string[]): Package[] {
  const folders = new Set(modules.map((module) => PACKAGE_FOLDER.exec(module)?.[1]).filter((folder) => folder !== undefined));
  const packages = new Map([...folders].map(read).map((each) => [`${each.name}@${each.version}`, each]));
  return [...packages].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** What stands for a package where only its code is left. */
export function manifestOf({ name, version, licence }: Package): string {
  return `${JSON.stringify({ name, version, license: licence }, undefined, 2)}\n`;
}

function read(folder: string): Package {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string; license?: unknown };
  const { name, version, license } = manifest;
  if (name === undefined || version === undefined) throw new Error(`${folder} is not a package: its package.json has no name or version`);
  if (typeof license !== 'string') throw new Error(`${name}@${version} names no licence: it cannot be shipped in ${dirname(folder)}`);
  return { name, version, licence: license, folder };
}
