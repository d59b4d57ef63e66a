// The command `diff` and its flags.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { OPERATOR_NAMESPACE } from '../../../charts/api/labels.ts';
import type { RenderSettings } from '../../../charts/settings.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import { connectFlags, withCluster, type Cluster, type ConnectFlags } from '../connect-flags.ts';
import { fileFlags, type FileFlags } from '../inputs/file-flags.ts';
import type { Found } from '../inputs/mcpservers.ts';
import { explain, type Manual } from '../manual.ts';
import { bridgeBy, bridgeImage, output } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';
import { UserError } from '../user-error.ts';
import type { Compared } from './compare.ts';

/** To scripts 1 means that something differs. */
const FAILED = 2;

const MANUAL: Manual = {
  notes: `Tries to apply the MCPServers and what is rendered for them, in a dry run of the
API server: nothing is written. Values that look like credentials are masked.
The bridge's image is that of the operator's Deployment, unless flags say
another. Who may not try changes gets the comparison with the live objects he
may read, and is told so.`,
  exitCodes: { 0: 'nothing would change', 1: 'something would', [FAILED]: 'something could not be compared, or a mistake on the command line' },
  examples: ['mcp-operator diff -f weather.yaml', 'mcp-operator diff -n tools -f servers/ -o json'],
  failsWith: FAILED,
};

interface Flags extends FileFlags, ConnectFlags, Partial<RenderSettings> {
  readonly output: string;
  readonly fieldManager: string;
}

/** Adds the command. */
export function addDiff(program: Command, surroundings: Surroundings): void {
  const command = fileFlags(explain(program.command('diff'), MANUAL))
    .description('say what applying MCPServers in files would change')
    .addOption(output())
    .addOption(new Option('--field-manager <name>', 'as whom the MCPServers are applied').default('kubectl').argParser(managerName))
    .addOption(unset(bridgeImage()))
    .addOption(unset(bridgeBy()));
  connectFlags(command, { namespace: 'namespace of MCPServers that name none; default: that of the context' })
    .action(async (flags: Flags) => {
      endsOnSignal(surroundings);
      const [{ readInputs }, { serversIn }, report] = await Promise.all([import('../inputs/read-inputs.ts'), import('../inputs/mcpservers.ts'), import('./report.ts')]);
      const inputs = await readInputs(flags, surroundings);
      const compared = await withCluster(flags, surroundings, (cluster) => compareAll(serversIn(inputs, cluster), cluster, flags));
      for (const note of report.notesOf(compared)) surroundings.stderr.write(`note: ${note}\n`);
      surroundings.stdout.write(flags.output === 'json' ? report.diffJson(compared) : report.diffText(compared));
      surroundings.endWith(report.exitCodeOf(compared));
    });
}

async function compareAll(servers: readonly Found[], { client, namespace: usual }: Cluster, flags: Flags): Promise<Compared[]> {
  const [{ compareServer }, { operatorsIn, operatorFor, settingsOf }] = await Promise.all([import('./compare.ts'), import('../cluster/operators.ts')]);
  const { fieldManager, bridgeImage: image, bridgeBy: by } = flags;
  const given = { ...(image !== undefined && { bridgeImage: image }), ...(by !== undefined && { bridgeBy: by }) };
  const namespaces = [...new Set(servers.map(({ manifest }) => manifest.metadata.namespace ?? usual))];
  const operators = await operatorsIn(client, [OPERATOR_NAMESPACE, ...namespaces]).catch((error: unknown) => {
    if (isApiError(error, 'Forbidden')) return [];
    throw error;
  });
  const compared: Compared[] = [];
  for (const { manifest } of servers) {
    const namespace = manifest.metadata.namespace ?? usual;
    const operator = operatorFor(operators, namespace, manifest.metadata.labels);
    const settings = { ...(operator && settingsOf(operator)), ...given };
    try {
      compared.push(...(await compareServer(manifest, { client, namespace, settings, fieldManager })));
    } catch (error) {
      const { isUnknownKind } = await import('./tried.ts');
      throw isUnknownKind(error) ? new UserError('the cluster does not know MCPServers: apply the CRD first, with `mcp-operator crd | kubectl apply --server-side -f -`', { cause: error }) : error;
    }
  }
  return compared;
}

/** Without a default, so that it is known whether the user said something. */
function unset(option: Option): Option {
  option.description += ': default: that of the operator in the cluster';
  return option.default(undefined);
}

function managerName(value: string): string {
  if (value.length > 128 || !/^[!-~]+$/.test(value)) throw new InvalidArgumentError('It must be the name of a field manager, without blanks.');
  return value;
}
