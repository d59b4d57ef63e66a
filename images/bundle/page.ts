// The dashboard's page as two texts in one file: its script, bundled and small, and its style. Every change of the sources changes it.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from '../paths.ts';
import { notices } from './notices.ts';
import { packagesOf } from './packages.ts';

const FOLDER = join(ROOT, 'reconciler/commands/dashboard/page');

/** What reconciler/commands/dashboard/page.json holds. */
export async function pageFile(): Promise<string> {
  const build = await rolldown({
    input: join(FOLDER, 'main.tsx'),
    cwd: ROOT,
    platform: 'browser',
    tsconfig: false,
    transform: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    onLog(level, log) {
      if (level === 'warn') throw new Error(`the page cannot be bundled: ${log.message}`);
    },
  });
  const { output: [chunk] } = await build.generate({ format: 'esm', minify: true, comments: false, sourcemap: false });
  await build.close();
  // The licences of what is in it demand to go with it.
  const licences = notices(packagesOf(Object.keys(chunk.modules))).replaceAll('*/', '* /');
  const style = await readFile(join(FOLDER, 'page.css'), 'utf8');
  return `${JSON.stringify({ script: `/*\n${licences}*/\n${chunk.code}`, style }, null, 1)}\n`;
}
