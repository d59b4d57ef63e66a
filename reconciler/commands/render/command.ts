// The command `render` and its flags.
import type { Command } from 'commander';
import type { RenderSettings } from '../../../charts/settings.ts';
import { fileFlags, type FileFlags } from '../inputs/file-flags.ts';
import { explain, type Manual } from '../manual.ts';
import { bridgeBy, bridgeImage } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';

const MANUAL: Manual = {
  notes: `Needs no cluster. The output is what \`cdk8s synth\` writes for the same
MCPServer, and what the operator applies apart from owner references and its own
annotations: where --bridge-image and --bridge-by are those of the operator.`,
  exitCodes: { 0: 'all was rendered', 1: 'something was not; then nothing is printed' },
  examples: [
    'mcp-operator render -f weather.yaml',
    'mcp-operator render -f servers/ -f https://example.com/weather.yaml',
    'kubectl get mcpserver weather -o yaml | mcp-operator render -f -',
  ],
};

type RenderFlags = RenderSettings & FileFlags;

/** Adds the command. */
export function addRender(program: Command, surroundings: Surroundings): void {
  fileFlags(explain(program.command('render'), MANUAL))
    .description('print the objects the operator would apply for MCPServers')
    .addOption(bridgeImage())
    .addOption(bridgeBy())
    .action(async ({ filename, recursive, ...settings }: RenderFlags) => {
      endsOnSignal(surroundings);
      // Loaded on use: the running operator reads no YAML.
      const [{ readInputs }, { renderInputs }] = await Promise.all([import('../inputs/read-inputs.ts'), import('./render.ts')]);
      const inputs = await readInputs({ filename, recursive: recursive === true }, surroundings);
      surroundings.stdout.write(renderInputs(inputs, settings));
    });
}
