// The command `validate` and its flags.
import type { Command } from 'commander';
import { fileFlags, type FileFlags } from '../inputs/file-flags.ts';
import { explain, type Manual } from '../manual.ts';
import { output } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';
import { FORMATS, reportOf } from './report.ts';

/** To scripts 1 means that something is invalid. */
const NOT_JUDGED = 2;

const MANUAL: Manual = {
  notes: `Needs no cluster: the rules are those of the resource and of the operator.
Standard output gets file, line and what to do of each mistake: as text, as one
JSON object, or as annotations of a GitHub workflow. A warning, such as about
pods that do not meet Pod Security restricted, makes nothing invalid.`,
  exitCodes: { 0: 'all MCPServers are valid', 1: 'at least one is not', [NOT_JUDGED]: 'something cannot be read, or it holds no MCPServer' },
  examples: ['mcp-operator validate -f weather.yaml', 'mcp-operator validate -R -f deploy/ -o github', 'cat *.yaml | mcp-operator validate -f - -o json'],
  failsWith: NOT_JUDGED,
};

interface Flags extends FileFlags {
  readonly output: (typeof FORMATS)[number];
}

/** Adds the command. */
export function addValidate(program: Command, surroundings: Surroundings): void {
  fileFlags(explain(program.command('validate'), MANUAL))
    .description('say what is wrong with MCPServers in files')
    .addOption(output(FORMATS))
    .action(async (flags: Flags) => {
      endsOnSignal(surroundings);
      const [{ readInputs }, { judge }] = await Promise.all([import('../inputs/read-inputs.ts'), import('./judge.ts')]);
      const verdict = judge(await readInputs(flags, surroundings));
      surroundings.stdout.write(reportOf(verdict, flags.output));
      surroundings.endWith(verdict.valid ? 0 : 1);
    });
}
