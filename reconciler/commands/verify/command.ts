// The command `verify` and its flags: what it prints where, and how it ends.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { onAbort } from '../../runtime/ending.ts';
import type { Surroundings } from '../surroundings.ts';
import { isUserError } from '../user-error.ts';
import type { QuestionFlags } from './question.ts';

const HELP = `
Asks as the operator asks a pod: server/discover, else initialize, then for the
tools if the server announces some. It leaves no session behind, and calls no
tool. Where the path is wrong it looks for MCP at the usual ones, without the
headers of --header, and says what it found.

A header's value is best read from a file: other users of the machine can see
the command line. With --header nothing is printed that the server says, since
it may repeat the value.

Exit code: 0 a client can use the server, or could with credentials
           1 a client would fail
           2 nobody could tell, for instance because it is out of reach, or
             because of a mistake on the command line
         130 it was ended by Ctrl-C

Examples:
  mcp-operator verify http://localhost:3001/mcp
  mcp-operator verify https://mcp.example.com/mcp --ca ca.pem -o json
  mcp-operator verify http://localhost:3001/mcp \\
    --host tools.team-a.svc.cluster.local:3001
  mcp-operator verify https://mcp.example.com/mcp \\
    --header 'Authorization: @token-header.txt'`;

/** To scripts 1 means that a client would fail. */
const NOT_TOLD = 2;
const LONGEST_SECONDS = 600;

interface Flags extends QuestionFlags {
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

/** Adds the command. A mistake of the user, and a defect, end it with 2. */
export function addVerify(program: Command, surroundings: Surroundings): void {
  const command = program.command('verify').exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : NOT_TOLD));
  command
    .description('ask the server at a URL whether MCP clients can use it')
    .argument('<url>', 'URL of the MCP endpoint, such as http://localhost:3001/mcp')
    .option('--header <header>', "'Name: value' to send, 'Name: @FILE' to read the value from a file, 'Name: @-' from standard input; may be repeated", collect)
    .option('--host <name>', 'Host header, and name the certificate must be for, such as NAME.NAMESPACE.svc:PORT; default: that of the URL')
    .option('--ca <file>', 'PEM file with the authorities that are trusted instead of the well-known ones')
    .option('--timeout <seconds>', 'time for the whole handshake', seconds, 10)
    .addOption(new Option('-o, --output <format>', 'what standard output gets; json: one object, and what happens goes to standard error').choices(['text', 'json']).default('text'))
    .addHelpText('after', HELP)
    .action((url: string, flags: Flags) => answer(url, flags, { ...surroundings, command }));
}

async function answer(text: string, flags: Flags, { command, stop, die }: Surroundings & { readonly command: Command }): Promise<void> {
  const isJson = flags.output === 'json';
  const tell = (line: string): boolean => (isJson ? process.stderr : process.stdout).write(`${line}\n`);
  const stopped = Promise.withResolvers<never>();
  onAbort(stop, () => stopped.reject(stop.reason));
  // Where it comes after all is done, nobody waits for it.
  stopped.promise.catch(() => {});
  try {
    const { questionOf } = await import('./question.ts');
    const question = await Promise.race([questionOf(text, flags), stopped.promise]);
    const [{ EXIT_CODES, verify }, { verdictLines }] = await Promise.all([import('./verify.ts'), import('./report.ts')]);
    const report = await verify(question, { timeoutSeconds: flags.timeout, tell, signal: stop });
    await written(isJson ? `${JSON.stringify(report, null, 2)}\n` : `\n${verdictLines(report)}\n`);
    // Not before all is written, and without waiting for a look-up of a name that was given up.
    process.exit(EXIT_CODES[report.outcome]);
  } catch (error) {
    if (stop.aborted) die(stop.reason as NodeJS.Signals);
    if (isUserError(error)) command.error(`error: ${error.message}`);
    const { placeOf } = await import('../../verification/ask-pod.ts');
    // Its message may quote the server, which may repeat a header's value.
    process.stderr.write(`${flags.header !== undefined ? placeOf(error) : String((error as Error).stack)}\n`);
    process.exit(NOT_TOLD);
  }
}

function written(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > LONGEST_SECONDS) throw new InvalidArgumentError(`It must be a whole number above 0, and ${LONGEST_SECONDS} at most.`);
  return number;
}
