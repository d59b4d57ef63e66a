// Where a stdio server that npx or uvx starts keeps its package and their caches, and what they are told. Pure.
import { k8s } from 'cdk8s-plus-28';
import { CACHE_NAME, CACHE_PATH } from './api/labels.ts';
import { canonicalQuantity } from './api/quantity.ts';
import type { ResolvedSpec } from './api/spec.ts';
import { CACHE_SIZE } from './api/stdio-fields.ts';
import { needsCache } from './package-command.ts';
import { isBridged } from './server.ts';

/** Folder in which the bridge installs the package. */
const PACKAGES = `${CACHE_PATH}/packages`;

/** What npm and uv read in containers with a read-only root: where they may write, and that nothing is run or built to install a package. */
const VARIABLES: Readonly<Record<string, string>> = {
  npm_config_cache: `${CACHE_PATH}/npm`,
  npm_config_ignore_scripts: 'true',
  UV_CACHE_DIR: `${CACHE_PATH}/uv`,
  UV_TOOL_DIR: `${CACHE_PATH}/uv-tools`,
  UV_NO_BUILD: '1',
  UV_PYTHON_DOWNLOADS: 'never',
};

/** Whether the server has the folder. */
function hasCache(spec: ResolvedSpec): boolean {
  return isBridged(spec) && needsCache(spec.command);
}

/** How much the volume of the folder may hold; undefined where there is none, or storage of the spec is in its place. */
export function cacheSize(spec: ResolvedSpec): string | number | undefined {
  if (!hasCache(spec) || spec.storage?.some(({ mountPath }) => mountPath === CACHE_PATH) === true) return undefined;
  return spec.stdio?.cache?.sizeLimit ?? CACHE_SIZE;
}

/** The volume of the folder; undefined where there is none. */
export function cacheVolume(spec: ResolvedSpec): k8s.Volume | undefined {
  const sizeLimit = cacheSize(spec);
  if (sizeLimit === undefined) return undefined;
  return { name: CACHE_NAME, emptyDir: { sizeLimit: k8s.Quantity.fromString(canonicalQuantity(sizeLimit)) } };
}

/** What the bridge is told of the folder: flags of its command line. */
export function packageFlags(spec: ResolvedSpec): Readonly<Record<string, string>> {
  return hasCache(spec) ? { packages: PACKAGES } : {};
}

/** Variables for npm and uv, but those that the spec sets. npm reads the names of its own in any case. */
export function cacheVariables(spec: ResolvedSpec): k8s.EnvVar[] {
  if (!hasCache(spec)) return [];
  const set = [...(spec.env ?? []).map(({ name }) => name), ...Object.keys(spec.config ?? {})];
  return Object.entries(VARIABLES).filter(([name]) => !set.some((other) => isSame(name, other))).map(([name, value]) => ({ name, value }));
}

function isSame(name: string, other: string): boolean {
  return name === other || (name.startsWith('npm_') && name === other.toLowerCase());
}
