// `node images/portable/main.ts BASE OUTPUT`: writes to OUTPUT the links that the bridge's image has beside the files of its base, which lies unpacked in BASE.
import { mkdir, readdir, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { portableLinks } from './links.ts';

const [base = '', output = ''] = process.argv.slice(2);
const found = await readdir(base, { recursive: true });
for (const entry of portableLinks(found.map((path) => `/${path}`))) {
  if (entry.type !== 'symlink') throw new Error(`${entry.path} is no link`);
  await mkdir(dirname(join(output, entry.path)), { recursive: true });
  await symlink(entry.target, join(output, entry.path));
}
