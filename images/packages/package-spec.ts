// A package as its user names it, and what is called after it. Pure.
import { PackageError } from './package-error.ts';

/** Registries by the flag that names a package of theirs. */
export type Ecosystem = 'npm' | 'pypi';

/** A package in exactly one version. */
export interface PackageSpec {
  readonly ecosystem: Ecosystem;
  readonly name: string;
  readonly version: string;
  /** Of Python packages: `[http]` in `name[http]==1.0`; empty where there are none. */
  readonly extras: string;
}

/** What a package's files are called. */
export interface PackageNames {
  /** Of the files beside the archive, without ending: scope, name and version. */
  readonly file: string;
  /** Of the image, below the registry, with its tag. */
  readonly image: string;
  readonly tag: string;
  /** Of the MCPServer. */
  readonly server: string;
}

const NPM_NAME = /^(?:@[a-z0-9~-][\w.~-]*\/)?[a-zA-Z0-9~-][\w.~-]*$/;
const PYPI_NAME = /^[a-zA-Z0-9](?:[\w.-]*[a-zA-Z0-9])?$/;
const EXTRAS = /^(?:\[[\w., -]+\])?$/;
/** One version, as semantic versioning has it. */
const NPM_VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?$/;
/** One version, as Python has it (PEP 440), without a `*`. */
const PYPI_VERSION = /^(?:\d+!)?\d+(?:\.\d+)*(?:(?:a|b|rc|\.?post|\.?dev)\d+)*(?:\+[a-z0-9.]+)?$/i;
const GENERIC = ['mcp', 'server', 'mcp-server', 'cli'];
const MAX_NAME = 214;
const MAX_VERSION = 128;
/** Kubernetes takes 63; the objects of an MCPServer are called after it. */
const MAX_SERVER_NAME = 40;
/** Names of images may be longer; nobody reads them. */
const MAX_TAG = 128;

/** A package whose version is still to be said: the registry may know the newest. */
export class NoVersionError extends PackageError {
  /** The name, and what was behind it. */
  readonly package: Omit<PackageSpec, 'version'>;

  constructor(text: string, of: Omit<PackageSpec, 'version'>) {
    super(`${text} names no exact version: an image is made of one`);
    this.package = of;
  }
}

/** `NAME@VERSION` of npm. Throws PackageError, or NoVersionError where only the version is missing. */
export function npmSpec(text: string): PackageSpec {
  const [, name = '', version] = /^(@?[^@]*)(?:@(.*))?$/.exec(text.trim()) ?? [];
  const of = { ecosystem: 'npm', name, extras: '' } as const;
  if (/^[\w.-]+(?:\[.*\])?==/.test(text)) throw new PackageError(`${text} is written as a package of PyPI: --pypi ${text}, or --npm NAME@VERSION`);
  if (!NPM_NAME.test(name) || name.length > MAX_NAME) throw new PackageError(`${text} is not a package of the registry: expected NAME@VERSION, for instance @modelcontextprotocol/server-everything@2026.8.31`);
  if (version === undefined || !NPM_VERSION.test(version) || version.length > MAX_VERSION) {
    if (version !== undefined && !/^[\w.^~<>=*| +-]*$/.test(version)) throw new PackageError(`${text} is not a package of the registry: what has no version there has no checksum either`);
    throw new NoVersionError(text, of);
  }
  return { ...of, version };
}

/** `NAME==VERSION` of PyPI, with extras or without. Throws PackageError, or NoVersionError where only the version is missing. */
export function pypiSpec(text: string): PackageSpec {
  const [, name = '', extras = '', operator = '', version = ''] = /^([^[=<>!~@\s]*)(\[[^\]]*\])?\s*(===?|[<>!~]=?|@)?\s*(.*)$/.exec(text.trim()) ?? [];
  const of = { ecosystem: 'pypi', name, extras: extras.replaceAll(' ', '') } as const;
  if (text.startsWith('@') && NPM_NAME.test(text.replace(/(.)@.*/, '$1'))) throw new PackageError(`${text} is written as a package of npm: --npm ${text}, or --pypi NAME==VERSION`);
  const isName = PYPI_NAME.test(name) && name.length <= MAX_NAME && EXTRAS.test(extras);
  if (!isName || /[/:;]/.test(version)) throw new PackageError(`${text} is not a package of the index: expected NAME==VERSION, for instance mcp-server-time==2026.10.19`);
  if (operator !== '==' || !PYPI_VERSION.test(version) || version.length > MAX_VERSION) throw new NoVersionError(text, of);
  return { ...of, version };
}

/** As its registry's users write it. */
export function written({ ecosystem, name, version, extras }: PackageSpec): string {
  return ecosystem === 'npm' ? `${name}@${version}` : `${name}${extras}==${version}`;
}

/** Python's names differ in nothing but case, hyphen, underscore and dot (PEP 503). */
export function normalized(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.]+/g, '-');
}

/** What is called after a package. */
export function namesOf({ name, version }: PackageSpec): PackageNames {
  const parts = name.toLowerCase().replace(/^@/, '').split('/').map((part) => part.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '') || 'server');
  const tag = version.replaceAll(/[^\w.-]/g, '-').slice(0, MAX_TAG);
  // A scope says more than what every server is.
  const called = GENERIC.includes(parts.at(-1) ?? '') ? parts.join('-') : (parts.at(-1) ?? '');
  const server = called.slice(0, MAX_SERVER_NAME).replace(/^[^a-z]+/, '').replace(/-+$/, '') || 'server';
  return { file: `${parts.join('-')}-${tag}`, image: parts.join('/'), tag, server };
}
