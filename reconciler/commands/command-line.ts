// The operator's command line: its commands, in groups, and how a mistake is told.
import { basename } from 'node:path';
import { inspect } from 'node:util';
import { Command } from 'commander';
import { plain } from '../../kubernetes/text.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { addCheck } from './check/command.ts';
import { candidateLines, candidatesFor } from './completion/candidates.ts';
import { addCompletion } from './completion/command.ts';
import { COMPLETE } from './completion/scripts.ts';
import { addConnect } from './connect/command.ts';
import { addDashboard } from './dashboard/command.ts';
import { addDiff } from './diff/command.ts';
import { addEvents } from './events/command.ts';
import { addExplain } from './explain/command.ts';
import { addCrd, addInstall, addUninstall } from './install/command.ts';
import { addLogs } from './logs/command.ts';
import { manualOf } from './manual.ts';
import { addRender } from './render/command.ts';
import { addRun } from './run/command.ts';
import { addStatus } from './status/command.ts';
import type { Surroundings } from './surroundings.ts';
import { isUserError, reasonOf } from './user-error.ts';
import { addValidate } from './validate/command.ts';
import { addVerify } from './verify/command.ts';
import { addVersion } from './version/command.ts';

/** Of one sentence: an MCPServer may have many mistakes. */
const MOST_CHARACTERS = 20_000;
/** Of the help where there is no terminal. */
const COLUMNS = 80;

/** The commands by what they are for, in the order in which the help names them. */
const GROUPS: readonly (readonly [string, ...((program: Command, surroundings: Surroundings) => void)[]])[] = [
  ['MCPServers in files:', addValidate, addRender, addDiff],
  ['MCP servers that run:', addDashboard, addStatus, addExplain, addLogs, addEvents, addVerify, addConnect],
  ['The operator:', addInstall, addCheck, addUninstall, addCrd, addRun],
  ['Besides:', addVersion, addCompletion],
];

/** The program with all its commands. */
export function commandLine(surroundings: Surroundings): Command {
  const program = new Command(nameOf(surroundings)).description('Runs Model Context Protocol (MCP) servers on Kubernetes.').version(packageJson.version);
  const { stdout, stderr, exit } = surroundings;
  // Commander wraps no column that is narrower than this.
  program.configureHelp({ minWidthToWrap: 20 }).configureOutput({
    writeOut: (text) => stdout.write(text),
    writeErr: (text) => stderr.write(text),
    getOutHelpWidth: () => stdout.columns ?? COLUMNS,
    getErrHelpWidth: () => stderr.columns ?? COLUMNS,
  });
  program.exitOverride(({ exitCode }) => exit(exitCode));
  for (const [group, ...commands] of GROUPS) {
    program.commandsGroup(group);
    for (const add of commands) add(program, surroundings);
  }
  for (const command of program.commands) {
    command.exitOverride(({ exitCode }) => exit(exitCode === 0 ? 0 : manualOf(command)?.failsWith ?? 1));
  }
  return program.helpCommand('help [command]', 'display help for a command');
}

/** As kubectl's plugin it is called as one types it. */
function nameOf({ argv }: Pick<Surroundings, 'argv'>): string {
  return /^kubectl[-_]/.test(basename(argv[1] ?? '')) ? 'kubectl mcp' : 'mcp-operator';
}

/** Does what the arguments say. Mistakes of users end the process with one sentence, defects with a stack trace: each with the command's code. */
export async function runCommandLine(surroundings: Surroundings): Promise<void> {
  const program = commandLine(surroundings);
  const { argv: [, , first, ...words], stdout, stderr, exit } = surroundings;
  // By itself: the words are not to be parsed, being half of a command line.
  if (first === COMPLETE) {
    stdout.write(candidateLines(candidatesFor(program, words)));
    return;
  }
  // Of the command that runs: each has its own exit codes.
  let running = program;
  program.hook('preAction', (_program, command) => { running = command; });
  const fail = (sentence: string): never => running.error(`error: ${sentence}`);
  // Standard error is all that is left then, and may be closed, too.
  stdout.on('error', (error) => fail(`cannot write to standard output: ${reasonOf(error)}`));
  stderr.on('error', () => exit(1));
  try {
    await program.parseAsync(surroundings.argv);
  } catch (error) {
    // It may quote a file or a server.
    if (isUserError(error)) fail(plain(error.message, MOST_CHARACTERS));
    running.error(inspect(error));
  }
}
