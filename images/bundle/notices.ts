// The licence texts of the packages in a bundle: most licences demand that they go with the code.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Package } from './packages.ts';

const TEXTS = /^(licen[cs]e|notice|copying|copyright)/i;
const RULE = '-'.repeat(80);

/** One section per package. Packages that come without a text are told with the licence they name. */
export function notices(packages: readonly Package[]): string {
  const sections = packages.map(({ name, version, licence, folder }) =>
    [RULE, `${name} ${version} (${licence})`, RULE, '', ...textsOf(folder), ''].join('\n'));
  return sections.join('\n');
}

function textsOf(folder: string): string[] {
  const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && TEXTS.test(entry.name));
  const texts = files.map(({ name }) => name).toSorted().map((name) => readFileSync(join(folder, name), 'utf8').replaceAll('\r\n', '\n').trim());
  return texts.length === 0 ? ['The package comes without a licence text.'] : texts;
}
