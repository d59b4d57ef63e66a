// `npm run images:pin`: writes to the Dockerfile which digests its tags have now. A step of a release, on a machine with network.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command } from 'commander';
import { ROOT } from '../paths.ts';
import { imagesOf, pinned } from './dockerfile.ts';
import { digestOfTag } from './registry.ts';

const program = new Command('images:pin')
  .description('Asks the registries which digests the tags in the Dockerfile have now, and writes them behind the tags. Writes all or nothing.')
  .option('--file <path>', 'the Dockerfile', join(ROOT, 'Dockerfile'))
  .allowExcessArguments(false);

async function main(): Promise<void> {
  const { file } = program.parse().opts<{ file: string }>();
  const text = await readFile(file, 'utf8');
  const digests = new Map<string, string>();
  for (const image of imagesOf(text)) {
    const digest = await digestOfTag(image);
    digests.set(image.tagged, digest);
    const change = image.digest === digest ? 'as before' : `was ${image.digest ?? 'not pinned'}`;
    process.stdout.write(`${image.tagged}@${digest}  ${change}\n`);
  }
  await writeFile(`${file}.${process.pid}`, pinned(text, digests));
  await rename(`${file}.${process.pid}`, file);
}

main().catch((error: unknown) => program.error(`error: ${(error as Error).message}`));
