// The packages of an image, as its bill of materials lists them. Pure.
import { posix } from 'node:path';
import { SPDX } from '@cyclonedx/cyclonedx-library';
import type { Component } from '../bundle/sbom.ts';
import { APP } from '../paths.ts';
import { nameAt, type Lock } from './npm-checks.ts';
import { normalized, type PackageSpec } from './package-spec.ts';

/** An installed package of Python, as it says itself. */
export interface Distribution {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  /** What its `entry_points.txt` says. */
  readonly points: string;
}

/** Those of a lockfile that were installed, each once. `paths` are those of the image. */
export function npmComponents({ packages }: Lock, paths: ReadonlySet<string>): Component[] {
  const found = new Map<string, Component>();
  for (const [path, locked] of Object.entries(packages)) {
    if (path === '' || !paths.has(posix.join(APP, path))) continue;
    const [name, version = ''] = [nameAt(path, locked), locked.version];
    const sum = /(?:^|\s)sha512-(\S+)/.exec(locked.integrity ?? '')?.[1];
    found.set(`${name}@${version}`, {
      name,
      version,
      ...licence(typeof locked.license === 'string' ? locked.license : ''),
      ...(sum === undefined ? {} : { sha512: Buffer.from(sum, 'base64').toString('hex') }),
    });
  }
  return [...found].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

/** Those of Python. Which file each came in, of those the lock names, nobody has kept. */
export function pypiComponents(distributions: readonly Distribution[]): Component[] {
  return distributions.map(({ name, version, licence: written }) => {
    const purl = `pkg:pypi/${normalized(name)}@${encodeURIComponent(version)}`;
    return { name, version, purl, ...licence(written) };
  });
}

/** What the bill is about. */
export function subjectOf({ ecosystem, name, version }: PackageSpec, components: readonly Component[]): Component {
  const isIt = (each: Component): boolean => (ecosystem === 'npm' ? each.name === name : normalized(each.name) === normalized(name));
  const found = components.find((each) => isIt(each) && each.version === version) ?? components.find(isIt);
  return { ...(found ?? { name, version }), type: 'application' };
}

/** Only what is on the list of SPDX is told as such: what packages write is often no name of it. */
function licence(written: string): Pick<Component, 'licence' | 'named'> {
  if (written === '') return { named: [] };
  return SPDX.isSupportedSpdxId(written) ? { licence: written } : { named: [written] };
}
