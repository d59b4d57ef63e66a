// The Node that npm has installed from the lockfile, or that of another architecture, let into an image only with the bytes that the repository names.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { namesOf, type Architecture } from './architecture.ts';
import { BaseUnavailableError } from './debian-packages.ts';
import { foreignNode } from './foreign-node.ts';
import { digestOf } from './layer.ts';
import pinned from './node-binaries.json' with { type: 'json' };

/** A Node whose bytes were compared. */
export interface NodeBinary {
  /** Of the npm package it comes in. */
  readonly name: string;
  readonly version: string;
  /** Of the program, in hexadecimal. */
  readonly sha256: string;
  readonly program: Uint8Array;
  /** File with its licence texts. */
  readonly licenceFile: string;
}

/** What must be known of a Node before it is packed: by name of the npm package the SHA-256 of its program. */
export interface PinnedNode {
  readonly version: string;
  readonly sha256: Readonly<Record<string, string>>;
}

/**
 * The Node of the lockfile where npm has installed it, which it does for the machine's own architecture; another one from the registry.
 * Throws BaseUnavailableError when it cannot be had, or is not the one that images/node-binaries.json names.
 */
export async function nodeBinary({ cache, architecture = 'amd64' }: NodeOptions): Promise<NodeBinary> {
  const name = `node-linux-${namesOf(architecture).node}`;
  return readNode(name, folderOf(name) ?? (await foreignNode(name, pinned.version, cache)));
}

/** Which Node, and where one that was fetched is kept. */
export interface NodeOptions {
  readonly cache: string;
  /** @default amd64 */
  readonly architecture?: Architecture;
}

function folderOf(name: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
}

/** The Node of an npm package that lies in `folder`. Throws BaseUnavailableError when it is not the pinned one. */
export async function readNode(name: string, folder: string, pin: PinnedNode = pinned): Promise<NodeBinary> {
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const program = await readFile(join(folder, 'bin/node'));
  const sha256 = digestOf(program).replace('sha256:', '');
  const wanted = version === pin.version ? pin.sha256[name] : undefined;
  if (sha256 !== wanted) throw new BaseUnavailableError(refusal({ name, version, sha256 }, wanted));
  return { name, version, sha256, program, licenceFile: join(folder, 'LICENSE') };
}

function refusal({ name, version, sha256 }: Pick<NodeBinary, 'name' | 'version' | 'sha256'>, wanted: string | undefined): string {
  if (wanted !== undefined) {
    return `the Node of ${name} ${version} has SHA-256 ${sha256}, and images/node-binaries.json wants ${wanted}: it is not packed. ` +
      'Delete node_modules and run npm ci; if it stays so, trust neither of them before you compared them with the official archive, as docs/images.md says';
  }
  return `images/node-binaries.json names no SHA-256 for ${name} ${version}, which has ${sha256}: it is not packed. ` +
    'Compare it with the official archive, as docs/images.md says, and write it there';
}
