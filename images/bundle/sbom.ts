// Software bills of materials in the CycloneDX format, without times or random numbers: equal contents give equal bytes.
import packageJson from '../../package.json' with { type: 'json' };

/** What a bill lists of a component. */
export interface Component {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; absent where a licence is no single one, as in distribution packages. */
  readonly licence?: string;
  /** Package URL. @default - that of an npm package */
  readonly purl?: string;
}

/** The bill of what `subject`, a part of this project, contains. */
export function sbom(subject: string, components: readonly Component[]): string {
  const main = { name: subject, version: packageJson.version, licence: packageJson.license };
  const bill = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: entry('application', { ...main, purl: `pkg:generic/${packageJson.name}/${subject}@${main.version}` }) },
    components: components.map((component) => entry('library', component)),
  };
  return `${JSON.stringify(bill, undefined, 2)}\n`;
}

function entry(type: string, component: Component): Record<string, unknown> {
  const { name, version, licence, purl = npmUrl(component) } = component;
  return { type, 'bom-ref': purl, name, version, purl, ...(licence === undefined ? {} : { licenses: [{ expression: licence }] }) };
}

/** A scope's @ is the only character of npm names that must be escaped. */
function npmUrl({ name, version }: Component): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
