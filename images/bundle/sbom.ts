// Software bills of materials in the CycloneDX format, without times or random numbers: equal contents give equal bytes.
import packageJson from '../../package.json' with { type: 'json' };

/** What a bill lists of a component. */
export interface Component {
  /** What it is, in the words of the format. @default library */
  readonly type?: 'library' | 'application' | 'operating-system';
  readonly name: string;
  readonly version: string | undefined;
  /** SPDX expression; absent where a licence is no single one, as in distribution packages. */
  readonly licence?: string;
  /** Licences as its texts name them, in place of an expression. Of none it is said that nothing is asserted. */
  readonly named?: readonly string[];
  /** Package URL. @default - that of an npm package */
  readonly purl?: string;
  /** Of the file it came in, in hexadecimal. */
  readonly sha256?: string;
  /** The same, as npm's lockfiles have it. */
  readonly sha512?: string;
  /** The name under which vulnerabilities of programs are listed. */
  readonly cpe?: string;
}

/** The bill of what `subject`, a part of this project, contains. A part without a version of its own is known by what it contains. */
export function sbom(subject: string, components: readonly Component[], version: string | undefined): string {
  const purl = `pkg:generic/${packageJson.name}/${subject}${version === undefined ? '' : `@${version}`}`;
  return billOf({ type: 'application', name: subject, version, licence: packageJson.license, purl }, components);
}

/** The bill of what `subject` contains, whoever made it. */
export function billOf(subject: Component, components: readonly Component[]): string {
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: entry(subject) },
    components: components.map(entry),
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function entry(component: Component): Record<string, unknown> {
  const { type = 'library', name, version, cpe, sha256, sha512, purl = npmUrl(component) } = component;
  const hashes = [['SHA-256', sha256], ['SHA-512', sha512]].flatMap(([alg, content]) => (content === undefined ? [] : [{ alg, content }]));
  return {
    type,
    'bom-ref': purl,
    name,
    ...(version === undefined ? {} : { version }),
    ...(hashes.length === 0 ? {} : { hashes }),
    ...licensesOf(component),
    ...(cpe === undefined ? {} : { cpe }),
    purl,
  };
}

/** SPDX's word for a licence that nobody has determined. */
const UNKNOWN = 'NOASSERTION';

function licensesOf({ licence, named }: Component): Record<string, unknown> {
  if (licence !== undefined) return { licenses: [declared(licence)] };
  if (named === undefined) return {};
  const names = named.length === 0 ? [{ name: UNKNOWN }] : named.map((name) => ({ name, acknowledgement: 'declared' }));
  return { licenses: names.map((license) => ({ license })) };
}

/** An identifier is told as such: the format then knows whether there is such a licence. */
function declared(licence: string): Record<string, unknown> {
  const acknowledgement = 'declared';
  return /[\s()]/.test(licence) ? { expression: licence, acknowledgement } : { license: { id: licence, acknowledgement } };
}

/** A scope's @ is the only character of npm names that must be escaped. */
export function npmUrl({ name, version }: Pick<Component, 'name' | 'version'>): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
