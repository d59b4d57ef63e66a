// The command `version`: of this program, of the operators in a cluster, and of the cluster.
import { Option, type Command } from 'commander';
import packageJson from '../../../package.json' with { type: 'json' };
import { OPERATOR_NAMESPACE } from '../../../charts/api/labels.ts';
import { isApiError } from '../../../kubernetes/errors.ts';
import type { Operator } from '../cluster/operators.ts';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { explain, type Manual } from '../manual.ts';
import { output } from '../options.ts';
import { endsOnSignal, type Surroundings } from '../surroundings.ts';

const MANUAL: Manual = {
  exitCodes: { 0: 'all that was asked for is printed', 1: 'the cluster cannot be asked; the version of this program is printed all the same' },
  examples: ['mcp-operator version', 'mcp-operator version --client -o json'],
};

interface Flags extends ConnectFlags {
  readonly output: string;
  readonly client?: true;
}

/** What is told of an operator. */
const SHOWN = ['namespace', 'image', 'version', 'readyReplicas', 'replicas'] as const;

/** Keys are added, and none changes its meaning. `operators` is null where they may not be read, and both are where no cluster was asked. */
interface Versions {
  readonly client: { readonly version: string; readonly node: string };
  readonly operators: readonly Pick<Operator, (typeof SHOWN)[number]>[] | null;
  readonly cluster: { readonly version: string } | null;
}

/** Adds the command. */
export function addVersion(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('version'), MANUAL)
    .description('print the versions of this program, of the operator and of the cluster')
    .addOption(output())
    .addOption(new Option('--client', 'of this program alone; no cluster is asked'));
  connectFlags(command, { namespace: 'namespace to look for operators, where you may not look in all; default: mcp-operator-system' })
    .action(async (flags: Flags) => {
      endsOnSignal(surroundings);
      const client = { version: packageJson.version, node: process.versions.node };
      const print = (versions: Versions): void => {
        surroundings.stdout.write(flags.output === 'json' ? `${JSON.stringify(versions, null, 2)}\n` : textOf(versions));
      };
      if (flags.client === true) {
        print({ client, operators: null, cluster: null });
        return;
      }
      try {
        print({ client, ...(await ofCluster(flags, surroundings)) });
      } catch (error) {
        print({ client, operators: null, cluster: null });
        throw error;
      }
    });
}

async function ofCluster(flags: Flags, surroundings: Surroundings): Promise<Pick<Versions, 'operators' | 'cluster'>> {
  const [{ kubernetesVersion }, { operatorsIn }] = await Promise.all([import('../cluster/kubernetes-version.ts'), import('../cluster/operators.ts')]);
  return withCluster(flags, surroundings, async ({ client, namespace }) => {
    const { gitVersion } = await kubernetesVersion(client);
    const found = await operatorsIn(client, [OPERATOR_NAMESPACE, namespace]).catch((error: unknown) => {
      if (!isApiError(error, 'Forbidden')) throw error;
      surroundings.stderr.write(`note: the operator is not told: ${error.message}\n`);
      return null;
    });
    return { operators: found === null ? null : found.map(shown), cluster: { version: gitVersion } };
  });
}

function shown({ namespace, image, version, readyReplicas, replicas }: Operator): Pick<Operator, (typeof SHOWN)[number]> {
  return { namespace, image, version, readyReplicas, replicas };
}

function textOf({ client, operators, cluster }: Versions): string {
  const ofOperator = operators?.map(({ namespace, image, version, readyReplicas, replicas }) =>
    `operator: ${version ?? 'unknown'} (${image} in ${namespace}, ${readyReplicas} of ${replicas} ready)`) ?? [];
  const none = operators?.length === 0 ? ['operator: none was found'] : [];
  return [`client:   ${client.version} (Node ${client.node})`, ...ofOperator, ...none, ...(cluster === null ? [] : [`cluster:  ${cluster.version}`]), ''].join('\n');
}
