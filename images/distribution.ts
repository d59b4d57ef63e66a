// Which distribution the packages of the base are of, as the file in them says. Pure.

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

/** Package URL of a package of the distribution, by which vulnerabilities are looked up. */
export function packageUrl({ id, version }: Distribution, found: { readonly name: string; readonly version: string }): string {
  return `pkg:deb/${id}/${encodeURIComponent(found.name)}@${encodeURIComponent(found.version)}?arch=amd64&distro=${encodeURIComponent(`${id}-${version}`)}`;
}
