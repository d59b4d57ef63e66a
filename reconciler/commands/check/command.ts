// The command `check` and its flags.
import { Option, type Command } from 'commander';
import { OPERATOR_NAMESPACE } from '../../../charts/api/labels.ts';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { OPERATOR_IMAGE } from '../install/flags.ts';
import { explain, type Manual } from '../manual.ts';
import { namespaceName, output, repeated } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';

/** To scripts 1 means that something is wrong. */
const NOT_CHECKED = 2;

const MANUAL: Manual = {
  notes: `Reads, and changes nothing. A line says ✓ where all is well, ! where something
may matter or nobody could tell, ✗ where something does not work, and below it
what to do.
With --pre: whether the operator can be installed as --operator-namespace and
--watch-namespace say. Otherwise: whether it works.`,
  exitCodes: { 0: 'nothing is ✗', 1: 'something is', [NOT_CHECKED]: 'the cluster cannot be asked, or a mistake on the command line' },
  examples: ['mcp-operator check --pre', 'mcp-operator check', 'mcp-operator check -n tools -o json'],
  failsWith: NOT_CHECKED,
};

interface Flags extends ConnectFlags {
  readonly pre?: true;
  readonly operatorNamespace: string;
  readonly watchNamespace?: readonly string[];
  readonly output: string;
}

/** Adds the command. */
export function addCheck(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('check'), MANUAL)
    .description('say whether the operator works, or can be installed, and what to do if not')
    .option('--pre', 'before the installation')
    .addOption(new Option('--operator-namespace <name>', 'namespace the operator runs in, or is to').argParser(namespaceName).default(OPERATOR_NAMESPACE))
    .option('--watch-namespace <name>', 'with --pre: the only namespaces it is to watch; may be repeated', repeated(namespaceName))
    .addOption(output());
  connectFlags(command, { namespace: 'namespace in which you work with MCPServers; default: that of the context' })
    .action(async ({ pre, operatorNamespace, watchNamespace, ...flags }: Flags) => {
      endsOnSignal(surroundings);
      const [{ lookAfter, lookBefore }, { checkJson, checkText, isWell }] = await Promise.all([import('./look.ts'), import('./report.ts')]);
      const props = { image: OPERATOR_IMAGE, namespace: operatorNamespace, ...(watchNamespace && { watchNamespaces: watchNamespace }) };
      const checks = await withCluster(flags, surroundings, ({ client, namespace }) =>
        (pre === true ? lookBefore(client, props) : lookAfter(client, { namespace, operatorNamespace })));
      surroundings.stdout.write(flags.output === 'json' ? checkJson(checks) : checkText(checks));
      surroundings.endWith(isWell(checks) ? 0 : 1);
    });
}
