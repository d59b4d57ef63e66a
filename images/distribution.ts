// Which distribution the packages of the base are of, as the file in them says. Pure.
import type { Architecture } from './architecture.ts';

/** A distribution as its os-release names it. */
export interface Distribution {
  /** For instance debian. */
  readonly id: string;
  /** For instance 12. */
  readonly version: string;
}

/** Reads an os-release file. Throws when it names no distribution with a version: scanners could not match the packages. */
export function distributionOf(osRelease: string): Distribution {
  const id = field(osRelease, 'ID');
  const version = field(osRelease, 'VERSION_ID');
  if (id === undefined || version === undefined) throw new Error('os-release names no distribution: it has no ID or no VERSION_ID');
  return { id, version };
}

function field(text: string, name: string): string | undefined {
  const [, , value] = new RegExp(`^${name}=(["']?)(.*)\\1$`, 'm').exec(text) ?? [];
  return value || undefined;
}

/** A package of a distribution. */
export interface DistributionPackage {
  readonly name: string;
  readonly version: string;
  /** The source package it was built from, with its version where that is another; undefined where it is named the same. */
  readonly source?: string | undefined;
}

/** Package URL of a package of the distribution, by which vulnerabilities are looked up: most are listed under the source package. */
export function packageUrl({ id, version }: Distribution, found: DistributionPackage, architecture: Architecture = 'amd64'): string {
  const qualifiers = [['arch', architecture], ['distro', `${id}-${version}`], ['upstream', found.source]];
  const named = qualifiers.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`]));
  return `pkg:deb/${id}/${encodeURIComponent(found.name)}@${encodeURIComponent(found.version)}?${named.join('&')}`;
}

/** The source package that the control file of a package names, as package URLs tell it: `glibc` or `glibc@2.36`. */
export function sourceOf(control: string): string | undefined {
  const [, name, version] = /^Source: (\S+)(?: \((.*)\))?$/m.exec(control) ?? [];
  return version === undefined ? name : `${name}@${version}`;
}
