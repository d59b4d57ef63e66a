// Bundles a program: its entry file with everything it starts with, and one file for each part it loads only when needed.
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import { rolldown, type OutputOptions, type Plugin, type RolldownOutput } from 'rolldown';
import packageJson from '../../package.json' with { type: 'json' };
import { ROOT } from '../paths.ts';
import { notices } from './notices.ts';
import { manifestOf, packagesOf, type Package } from './packages.ts';
import { sbom } from './sbom.ts';

/** Folder in which scanners find a package.json of each npm package: they know no other sign of one in an image. */
const RECORDS = 'packages';

/** What a bundle consists of. */
export interface Bundle {
  /** Names of all files in the folder: the entry first, then the parts it loads later, the notices, the SBOM and the records of its packages. */
  readonly files: readonly string[];
  /** The npm packages that code was taken from. */
  readonly packages: readonly Package[];
}

/**
 * Importing node:http as a module evaluates all its exports; one of them, WebSocket, loads undici, which the operator never uses.
 * As a CommonJS module each export is evaluated when it is used.
 */
const lazyHttp: Plugin = {
  name: 'lazy-http',
  resolveId: (id) => (/^(node:)?http$/.test(id) ? { id: '\0lazy-http' } : null),
  load: (id) => (id === '\0lazy-http' ? { code: "module.exports = process.getBuiltinModule('node:http');", moduleType: 'js' } : null),
};

/** The dashboard is for the machine of a person: no image shows it, and its page is left out. */
const withoutPage: Plugin = {
  name: 'without-page',
  load: (id) => (id.endsWith('reconciler/commands/dashboard/page.json') ? { code: 'export default {};', moduleType: 'js' } : null),
};

/** Names and lines are kept, so that stack traces can be read; ASCII takes half the memory of other text in V8. */
function outputOptions(name: string): OutputOptions {
  return {
    format: 'esm',
    entryFileNames: `${name}.mjs`,
    chunkFileNames: `${name}-[name].mjs`,
    minify: { mangle: false, compress: { sequences: false, joinVars: false }, codegen: { removeWhitespace: false, asciiOnly: true } },
    comments: false,
    sourcemap: false,
  };
}

/** What is bundled. */
export interface Bundled {
  readonly name: string;
  /** Source file it starts in, from the project's root. */
  readonly main: string;
  /** @default - the package's */
  readonly version?: string;
}

/** Writes the bundle of a program to `folder`; other files there stay, an earlier bundle of the program goes. Throws when an import cannot be resolved. */
export async function bundle({ name, main, version = packageJson.version }: Bundled, folder: string): Promise<Bundle> {
  const records = posix.join(RECORDS, name);
  const build = await rolldown({
    input: join(ROOT, main),
    cwd: ROOT,
    platform: 'node',
    tsconfig: false,
    plugins: [lazyHttp, withoutPage],
    onLog(level, log) {
      if (level === 'warn') throw new Error(`${name} cannot be bundled: ${log.message}`);
    },
  });
  const { output } = await build.generate(outputOptions(name));
  await build.close();
  const packages = packagesOf(usedModules(output));
  const files = new Map([
    ...output.map((part): [string, string | Uint8Array] => [part.fileName, part.type === 'chunk' ? part.code : part.source]),
    [`${name}.licences.txt`, notices(packages)],
    [`${name}.cdx.json`, sbom(name, packages, version)],
    ...packages.map((each): [string, string] => [posix.join(records, `${each.name}@${each.version}`, 'package.json'), manifestOf(each)]),
  ]);
  await mkdir(folder, { recursive: true });
  for (const file of await readdir(folder)) if (file.startsWith(`${name}.`) || file.startsWith(`${name}-`)) await rm(join(folder, file));
  await rm(join(folder, records), { recursive: true, force: true });
  for (const [file, content] of files) await writeBelow(folder, file, content);
  return { files: [...files.keys()], packages };
}

async function writeBelow(folder: string, file: string, content: string | Uint8Array): Promise<void> {
  await mkdir(join(folder, dirname(file)), { recursive: true });
  await writeFile(join(folder, file), content);
}

/** Files whose code is in the output. */
function usedModules(output: RolldownOutput['output']): string[] {
  const chunks = output.filter((part) => part.type === 'chunk');
  return chunks.flatMap(({ modules }) => Object.entries(modules).filter(([, { renderedLength }]) => renderedLength > 0).map(([id]) => id));
}
