// The version of the stdio bridge, and what it stands for: one version, one set of bytes.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BRIDGE_DIGEST, BRIDGE_VERSION } from '../../charts/bridge-version.ts';
import packages from '../base-packages.json' with { type: 'json' };
import { bundle } from '../bundle/bundle.ts';
import node from '../node-binaries.json' with { type: 'json' };
import { PROGRAMS } from '../programs.ts';

/** A version, and the digest of what it names. */
export interface BridgeVersion {
  readonly version: string;
  /** SHA-256 in hexadecimal. */
  readonly digest: string;
}

/** What charts/bridge-version.ts says. */
export const RECORDED: BridgeVersion = { version: BRIDGE_VERSION, digest: BRIDGE_DIGEST };

/** The recorded version, or the next one where other bytes than the recorded ones would get it. */
export function versionFor(digest: string, { version, digest: known }: BridgeVersion): BridgeVersion {
  if (digest === known) return { version, digest };
  const [, before = '', patch = ''] = /^(\d+\.\d+\.)(\d+)$/.exec(version) ?? [];
  if (patch === '') throw new Error(`the bridge's version is ${version}: expected three numbers`);
  return { version: `${before}${Number(patch) + 1}`, digest };
}

/** Of what makes the bridge, its version left out: its code, Node, the packages of the base, and what its image says. */
export async function bridgeDigest(): Promise<string> {
  const program = PROGRAMS.find(({ name }) => name === 'stdio-bridge');
  if (program === undefined) throw new Error('there is no bridge among the programs');
  const hash = createHash('sha256').update(JSON.stringify([node, packages, program.config]));
  const folder = await mkdtemp(join(tmpdir(), 'stdio-bridge-'));
  try {
    const { files } = await bundle(program, folder);
    for (const file of files.filter((each) => each.endsWith('.mjs')).toSorted()) {
      const code = await readFile(join(folder, file), 'utf8');
      hash.update(`\0${file}\0${withoutVersion(code, BRIDGE_VERSION)}`);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  return hash.digest('hex');
}

/** Code without the version as a text of its own: it would never rest, if the version were part of what the version follows. */
export function withoutVersion(code: string, version: string): string {
  return ['"', "'", '`'].reduce((text, quote) => text.replaceAll(quote + version + quote, '""'), code);
}

/** The text of charts/bridge-version.ts as it should be. */
export async function bridgeVersionFile(): Promise<string> {
  const { version, digest } = versionFor(await bridgeDigest(), RECORDED);
  return `// The stdio bridge's own version, written by \`npm run generate\`: it moves when the bridge's bytes change, and with nothing else.
// Where it moves, every pod that has a bridge is replaced.

export const BRIDGE_VERSION = '${version}';

/** SHA-256 of what has this version: images/portable/version.ts. */
export const BRIDGE_DIGEST = '${digest}';
`;
}
