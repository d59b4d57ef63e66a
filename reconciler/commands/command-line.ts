// The operator's command line: its commands and flags, and how a mistake is told.
import { Command, InvalidArgumentError, Option } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { onAbort } from '../runtime/ending.ts';
import { parseBindAddress } from '../runtime/http-endpoints.ts';
import { LOG_LEVELS } from '../runtime/log.ts';
import { LAST_WORDS } from '../status/trouble.ts';
import { POD_ACCESS } from '../verification/pod-access.ts';
import { DEFAULT_CONCURRENCY } from '../verification/verifier.ts';
import { run, type RunFlags } from './run.ts';
import type { Surroundings } from './surroundings.ts';
import { isUserError, reasonOf } from './user-error.ts';
import { addVerify } from './verify/command.ts';

const RUN_HELP = `
Credentials, strongest first: --kubeconfig, the environment variable KUBECONFIG, the service account of the pod.
Ends on SIGTERM or SIGINT: takes no more work, finishes what runs, exits with 0 within 40 seconds. What does not finish in half of that
is given up; what cannot be given up makes it 1.
With --leader-elect of all replicas one works and the others stand by, ready to take over: at once when it ends on a signal,
up to 20 seconds after its last sign of life otherwise. A replica that loses the lease ends at once, with exit code 1.`;

const RENDER_HELP = `
Needs no cluster. The output is what \`cdk8s synth\` writes for the same MCPServer, and what the operator applies
apart from owner references and its own annotations.`;

/** Does what the arguments say. Mistakes of users end the process with one sentence; rejects for defects only. */
export async function runCommandLine(surroundings: Surroundings): Promise<void> {
  const program = new Command('mcp-operator').description('Runs Model Context Protocol (MCP) servers on Kubernetes.').version(packageJson.version);
  addRun(program, surroundings);
  addRender(program, surroundings);
  addVerify(program, surroundings);
  // Of the command that runs: each has its own exit codes.
  let running = program;
  program.hook('preAction', (_program, command) => { running = command; });
  const fail = (sentence: string): never => running.error(`error: ${sentence}`);
  // Standard error is all that is left then, and may be closed, too.
  process.stdout.on('error', (error) => fail(`cannot write to standard output: ${reasonOf(error)}`));
  process.stderr.on('error', () => process.exit(1));
  try {
    await program.parseAsync(surroundings.argv);
  } catch (error) {
    if (!isUserError(error)) throw error;
    fail(error.message);
  }
}

function addRun(program: Command, surroundings: Surroundings): void {
  program
    .command('run')
    .description('run the operator: watch MCPServers and keep what they describe running')
    .option('--kubeconfig <file>', 'credentials of the cluster')
    .option('--namespace <name>', 'watch only this namespace; may be repeated; default: all', collect, [])
    .addOption(address('--metrics-bind-address <address>', 'HOST:PORT of /metrics, 0 to switch it off', '127.0.0.1:8080'))
    .addOption(address('--health-probe-bind-address <address>', 'HOST:PORT of /healthz and /readyz, 0 to switch it off', '127.0.0.1:8081'))
    .option('--max-concurrent-reconciles <number>', 'MCPServers worked on at the same time', positiveInteger, 4)
    .option('--max-concurrent-handshakes <number>', 'pods asked at the same time whether they serve MCP; one namespace gets at most half', positiveInteger, DEFAULT_CONCURRENCY)
    .addOption(new Option('--pod-access <way>', 'how pods are reached to verify them; auto: direct in a cluster, api-server outside').choices(POD_ACCESS).default('auto'))
    .addOption(new Option('--last-words <choice>', 'whether status, events and log quote what a container said before it ended; Hide: of no MCPServer').choices(LAST_WORDS).default('Show'))
    .option('--leader-elect', 'work only while holding a Lease, so that several replicas can run')
    .addOption(new Option('--leader-elect-resource-name <name>', 'name of the Lease').argParser(objectName).default('mcp-operator'))
    .addOption(new Option('--leader-elect-resource-namespace <name>', 'namespace of the Lease; default: that of the pod').argParser(namespaceName))
    .addOption(new Option('--log-level <level>', 'least severe level that is logged').choices(LOG_LEVELS).default('info'))
    .addHelpText('after', RUN_HELP)
    .action((flags: RunFlags) => run(flags, surroundings));
}

function addRender(program: Command, { stop, die }: Surroundings): void {
  program
    .command('render')
    .description('print the objects the operator would apply for the MCPServers in a file')
    .requiredOption('-f, --filename <file>', 'YAML file with MCPServers; - for standard input')
    .addHelpText('after', RENDER_HELP)
    .action(async ({ filename }: { filename: string }) => {
      onAbort(stop, () => die(stop.reason as NodeJS.Signals));
      // Loaded on use: the running operator reads no YAML.
      const { readInput, renderDocuments } = await import('./render.ts');
      const { text, name } = await readInput(filename);
      process.stdout.write(renderDocuments(text, name));
    });
}

function address(flags: string, description: string, fallback: string): Option {
  return new Option(flags, description)
    .argParser((value: string) => {
      try {
        parseBindAddress(value);
        return value;
      } catch (error) {
        throw new InvalidArgumentError((error as Error).message);
      }
    })
    .default(fallback);
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, namespaceName(value)];
}

function namespaceName(value: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be the name of one namespace.');
  return value;
}

function objectName(value: string): string {
  if (value.length > 253 || !/^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value)) throw new InvalidArgumentError('It must be a name an object can have: small letters, digits, - and .');
  return value;
}

function positiveInteger(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new InvalidArgumentError('It must be a whole number above 0.');
  return number;
}
