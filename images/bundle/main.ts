// `npm run bundle`: writes the bundles of all programs to build/bundle.
import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { BUNDLES, ROOT } from '../paths.ts';
import { PROGRAMS } from '../programs.ts';
import { bundle } from './bundle.ts';

for (const program of PROGRAMS) {
  const { files, packages } = await bundle(program, BUNDLES);
  process.stdout.write(`${program.name}: ${packages.length} packages in\n`);
  for (const file of files.filter((each) => !each.endsWith('package.json'))) {
    const path = join(BUNDLES, file);
    process.stdout.write(`  ${relative(ROOT, path)}  ${(statSync(path).size / 1024).toFixed(0)} KiB\n`);
  }
}
