// `npm run images:verify`: says whether an archive is what the statement beside it says.
import { Command } from 'commander';
import { differences } from '../image-check.ts';
import { statementFile } from '../paths.ts';

const program = new Command('images:verify')
  .description('Compares image archives with the statements beside them. Exit code 0: the same, 1: something differs or cannot be read.')
  .argument('<archives...>', 'for instance build/images/operator.tar')
  .option('--statement <file>', 'the statement, for a single archive', undefined)
  .addHelpText('after', '\nWho wrote the statement it cannot tell: check the signature first, as docs/images.md says.');

async function main(): Promise<void> {
  const [archives] = program.parse().processedArgs as [string[]];
  const { statement } = program.opts<{ statement?: string }>();
  if (statement !== undefined && archives.length > 1) program.error('error: --statement needs exactly one archive');
  for (const archive of archives) {
    const found = await differences(archive, statement ?? statementFile(archive));
    for (const each of found) process.stdout.write(`${archive}: ${each}\n`);
    if (found.length === 0) process.stdout.write(`${archive}: is what its statement says\n`);
    else process.exitCode = 1;
  }
}

main().catch((error: unknown) => program.error(`error: ${(error as Error).message}`));
