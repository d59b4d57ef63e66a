// The command `verify` and its flags: of a URL or an MCPServer, what it prints where, and how it ends.
import { InvalidArgumentError, Option, type Command } from 'commander';
import { onAbort } from '../../runtime/ending.ts';
import { connectFlags, withCluster, type ConnectFlags } from '../connect-flags.ts';
import { SHORT_KIND } from '../look/server-name.ts';
import { explain, type Manual } from '../manual.ts';
import { repeated } from '../options.ts';
import type { Surroundings } from '../surroundings.ts';
import { isUserError, UserError } from '../user-error.ts';
import type { QuestionFlags } from './question.ts';

/** To scripts 1 means that a client would fail. */
const NOT_TOLD = 2;

const MANUAL: Manual = {
  notes: `Asks as the operator asks a pod: server/discover, else initialize, then for the
tools if the server announces some. It leaves no session behind, and calls no
tool. Where the path is wrong it looks for MCP at the usual ones, without the
headers of --header, and says what it found.

Instead of a URL the name of an MCPServer: its pods are asked, 20 at most,
through the API server and with your rights (get, create and delete of
pods/proxy). No Secret is read, so a server that wants credentials is
AuthRequired; certificates are not checked, and Authorization is not sent.

Of each tool it says what it costs those who hand it to a model: the characters
of name, description and input schema as compact JSON, divided by four. Models
differ by a third; what a client adds of its own is not in it.

A header's value is best read from a file: other users of the machine can see
the command line. With --header nothing is printed that the server says, since
it may repeat the value.`,
  exitCodes: {
    0: 'a client can use the server, or could with credentials',
    1: 'a client would fail',
    2: 'nobody could tell, for instance because it is out of reach, or because of a mistake on the command line',
  },
  examples: [
    'mcp-operator verify http://localhost:3001/mcp',
    'mcp-operator verify https://mcp.example.com/mcp --ca ca.pem -o json',
    'mcp-operator verify http://localhost:3001/mcp \\\n  --host tools.team-a.svc.cluster.local:3001',
    "mcp-operator verify https://mcp.example.com/mcp \\\n  --header 'Authorization: @token-header.txt'",
    'mcp-operator verify weather -n tools',
  ],
  failsWith: NOT_TOLD,
};

const LONGEST_SECONDS = 600;

interface Flags extends QuestionFlags, ConnectFlags {
  readonly timeout: number;
  readonly output: 'text' | 'json';
}

/** Adds the command. A mistake of the user, and a defect, end it with 2. */
export function addVerify(program: Command, surroundings: Surroundings): void {
  const command = explain(program.command('verify'), MANUAL);
  connectFlags(command, { namespace: 'namespace of the MCPServer; default: that of the context' })
    .description('ask the server at a URL, or the pods of an MCPServer, whether MCP clients can use it')
    .argument('<url or name>', 'URL of the MCP endpoint, such as http://localhost:3001/mcp, or name of an MCPServer')
    .option('--header <header>', "'Name: value' to send, 'Name: @FILE' to read the value from a file, 'Name: @-' from standard input; may be repeated", repeated((value) => value))
    .option('--host <name>', 'Host header, and name the certificate must be for, such as NAME.NAMESPACE.svc:PORT; default: that of the URL')
    .option('--ca <file>', 'PEM file with the authorities that are trusted instead of the well-known ones')
    .option('--timeout <seconds>', 'time for the whole handshake', seconds, 10)
    .addOption(new Option('-o, --output <format>', 'what standard output gets; json: one object, and what happens goes to standard error').choices(['text', 'json']).default('text'))
    .action((url: string, flags: Flags) => answer(url, flags, { ...surroundings, command }));
}

type Answering = Surroundings & { readonly command: Command };

async function answer(text: string, flags: Flags, surroundings: Answering): Promise<void> {
  const { command, env, stdin, stdout, stderr, stop, die, exit } = surroundings;
  const isJson = flags.output === 'json';
  const tell = (line: string): boolean => (isJson ? stderr : stdout).write(`${line}\n`);
  const stopped = Promise.withResolvers<never>();
  onAbort(stop, () => stopped.reject(stop.reason));
  // Where it comes after all is done, nobody waits for it.
  stopped.promise.catch(() => {});
  const asking: Asking = { env, stdin, timeoutSeconds: flags.timeout, tell, signal: stop, isJson, stopped: stopped.promise };
  let code = NOT_TOLD;
  try {
    const name = nameIn(text);
    const answered = await (name === undefined ? ofUrl(text, flags, asking) : ofServer(name, flags, asking));
    await written(`${answered.text}\n`, stdout);
    code = answered.code;
  } catch (error) {
    if (stop.aborted) die(stop.reason as NodeJS.Signals);
    if (isUserError(error)) command.error(`error: ${error.message}`);
    const { placeOf } = await import('../../verification/ask-pod.ts');
    // Its message may quote the server, which may repeat a header's value.
    stderr.write(`${flags.header !== undefined ? placeOf(error) : String((error as Error).stack)}\n`);
  }
  // Not before all is written, and without waiting for a look-up of a name that was given up.
  exit(code);
}

interface Asking extends Pick<Surroundings, 'env' | 'stdin'> {
  readonly timeoutSeconds: number;
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  readonly isJson: boolean;
  readonly stopped: Promise<never>;
}

interface Answered {
  readonly text: string;
  readonly code: number;
}

async function ofUrl(text: string, flags: Flags, { isJson, stopped, ...asking }: Asking): Promise<Answered> {
  const { questionOf } = await import('./question.ts');
  const question = await Promise.race([questionOf(text, flags, asking), stopped]);
  const [{ EXIT_CODES, verify }, { verdictLines }] = await Promise.all([import('./verify.ts'), import('./report.ts')]);
  const report = await verify(question, asking);
  return { text: isJson ? JSON.stringify(report, null, 2) : `\n${verdictLines(report)}`, code: EXIT_CODES[report.outcome] };
}

async function ofServer(name: string, flags: Flags, { isJson, stopped, ...asking }: Asking): Promise<Answered> {
  if (flags.ca !== undefined) throw new UserError('--ca has no use with the name of an MCPServer, whose certificate the API server does not check: give a URL, or leave it out');
  const [{ questionAbout }, { verifyServer }, { serverLines }, { EXIT_CODES }] = await Promise.all([
    import('./question.ts'),
    import('./server.ts'),
    import('./server-report.ts'),
    import('./verify.ts'),
  ]);
  const { headers, host } = await Promise.race([questionAbout(flags, asking), stopped]);
  const asked = withCluster(flags, asking, (cluster) => verifyServer(cluster, { ...asking, name, headers, host }));
  const report = await Promise.race([asked, stopped.catch(async (error: unknown) => {
    // Sessions that were opened are ended first.
    await asked.catch(() => undefined);
    throw error;
  })]);
  return { text: isJson ? JSON.stringify(report, null, 2) : serverLines(report), code: EXIT_CODES[report.outcome] };
}

/** What is no URL, and has no colon as an address has, is meant as a name. */
function nameIn(text: string): string | undefined {
  const name = text.replace(SHORT_KIND, '');
  return /^[a-z0-9][-a-z0-9]{0,62}$/.test(name) ? name : undefined;
}

function written(text: string, stdout: Surroundings['stdout']): Promise<void> {
  return new Promise((resolve) => {
    stdout.write(text, () => resolve());
  });
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1 || number > LONGEST_SECONDS) throw new InvalidArgumentError(`It must be a whole number above 0, and ${LONGEST_SECONDS} at most.`);
  return number;
}
