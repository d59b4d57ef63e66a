// What keeps an npm package from running as it was installed, without any of its scripts. Pure.
import { namesOf, type Architecture } from '../architecture.ts';
import { PackageError } from './package-error.ts';

/** What a lockfile says of a package, by where it lies. */
export interface Locked {
  readonly version?: string;
  /** Where it lies under another name than its own. */
  readonly name?: string;
  readonly integrity?: string;
  readonly resolved?: string;
  readonly inBundle?: boolean;
  readonly link?: boolean;
  readonly optional?: boolean;
  readonly hasInstallScript?: boolean;
  readonly license?: unknown;
}

/** A lockfile, as far as it is read. */
export interface Lock {
  readonly packages: Readonly<Record<string, Locked>>;
}

/** An installed package that wants to run something when it is installed. */
export interface Scripted {
  readonly name: string;
  readonly version: string;
  /** In its package.json. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Folders below `prebuilds`. */
  readonly prebuilds: readonly string[];
  /** Others do without it. */
  readonly optional: boolean;
}

/** A package as Python or npm would say which one it is. */
export interface Named {
  readonly name: string;
  readonly version: string;
}

const MOMENTS = ['preinstall', 'install', 'postinstall'];
/** Only looks for a file that was built before, and builds it where there is none. */
const LOOKS_FOR_PREBUILT = /^(?:node-gyp-build|node-gyp-build-optional-packages|prebuildify-load)(?:\s.*)?$/;

/** The name of the package at a path of a lockfile. */
export function nameAt(path: string, { name }: Locked): string {
  return name ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** Throws where a lockfile leaves open which bytes a package has. */
export function mustBeHeld({ packages }: Lock, of: string): void {
  for (const [path, each] of Object.entries(packages)) {
    if (path === '' || each.inBundle === true) continue;
    const isHeld = /^sha(?:512|384|256)-/.test(each.integrity ?? '') && each.link !== true && !/^(?:git|file|link)/.test(each.resolved ?? '');
    if (!isHeld) throw new PackageError(`${of} needs ${nameAt(path, each)}, of which the registry gives no checksum: it is not packed`);
  }
}

/** What a package would run; undefined where it has what that makes. */
function needed({ scripts, prebuilds }: Scripted, architecture: Architecture): string | undefined {
  const commands = MOMENTS.flatMap((moment) => scripts[moment] ?? []);
  const isBuilt = prebuilds.includes(`linux-${namesOf(architecture).node}`);
  const rest = commands.filter((command) => !(isBuilt && LOOKS_FOR_PREBUILT.test(command)));
  if (commands.length === 0) return isBuilt ? undefined : 'node-gyp rebuild';
  return rest.length === 0 ? undefined : rest.join(' && ');
}

/** Throws for the first package that runs something when it is installed, unless it is optional or among `accepted`. */
export function mustNeedNoScript(packages: readonly Scripted[], accepted: readonly string[], architecture: Architecture): void {
  for (const each of packages) {
    const command = each.optional || accepted.includes(each.name) ? undefined : needed(each, architecture);
    if (command === undefined) continue;
    throw new PackageError(
      `${each.name}@${each.version} runs "${command}" when it is installed, and nothing of a package runs while its image for ${architecture} is made: ` +
        `if the server works without it, add --accept ${each.name}; else make the image with a Dockerfile (docs/other-servers.md)`,
    );
  }
}

/** Throws where packages say that they need a later Node than that of the image. */
export function mustRunOn(node: string, tooNew: readonly (Named & { readonly engines?: { readonly node?: string } })[]): void {
  const [first] = tooNew;
  if (first !== undefined) throw new PackageError(`${first.name}@${first.version} needs Node ${first.engines?.node ?? 'of another version'}, and the image has ${node}: take an older version of it`);
}
