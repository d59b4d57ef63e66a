// The command `completion`.
import { Argument, type Command } from 'commander';
import { explain, type Manual } from '../manual.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';
import { SCRIPTS, SHELLS } from './scripts.ts';

const MANUAL: Manual = {
  notes: `As a kubectl plugin, \`kubectl mcp\` is completed by kubectl's own completion, if
kubectl_complete-mcp is on the PATH, too.`,
  exitCodes: { 0: 'it is printed', 1: 'the shell is not known' },
  examples: ['source <(mcp-operator completion bash)', 'source <(mcp-operator completion zsh)', 'mcp-operator completion fish | source'],
};

/** Adds the command. */
export function addCompletion(program: Command, surroundings: Surroundings): void {
  explain(program.command('completion'), MANUAL)
    .description('print a script by which a shell completes this command line')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action((shell: (typeof SHELLS)[number]) => {
      endsOnSignal(surroundings);
      surroundings.stdout.write(SCRIPTS[shell]);
    });
}
