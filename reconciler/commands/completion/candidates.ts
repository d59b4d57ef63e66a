// What can stand where somebody at a shell pressed Tab, as the commands and options themselves say. Pure.
import type { Command, Option } from 'commander';

/** A word that fits, and what it means. */
export interface Candidate {
  readonly word: string;
  readonly about: string;
}

/** All that fits; `areFiles`: names of files do, too. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  readonly areFiles: boolean;
}

/** Names of arguments and of values of options that are files. */
const FILES = /<(file|dir|folder|path)>/;

/** What completes the last of the words; those before it are whole. The program's name is not among them. */
export function candidatesFor(program: Command, words: readonly string[]): Candidates {
  const before = words.slice(0, -1);
  const typed = words.at(-1) ?? '';
  let command = program;
  let awaiting: Option | undefined;
  let areOptionsOver = false;
  for (const word of before) {
    if (awaiting !== undefined) awaiting = undefined;
    else if (word === '--') areOptionsOver = true;
    else if (word.startsWith('-') && !areOptionsOver) awaiting = optionNamed(command, word);
    else command = command.commands.find((each) => each.name() === word) ?? command;
  }
  const found = candidatesOf(command, { awaiting, isOption: typed.startsWith('-') && !areOptionsOver });
  return { ...found, candidates: found.candidates.filter(({ word }) => word.startsWith(typed)) };
}

/** As cobra programs tell a shell, kubectl among them: a candidate a line with what it means, and at the end whether files fit. */
export function candidateLines({ candidates, areFiles }: Candidates): string {
  return [...candidates.map(({ word, about }) => `${word}\t${about}`), areFiles ? ':0' : ':4', ''].join('\n');
}

interface Place {
  /** Whose value is to follow. */
  readonly awaiting: Option | undefined;
  readonly isOption: boolean;
}

function candidatesOf(command: Command, { awaiting, isOption }: Place): Candidates {
  if (awaiting !== undefined) return valuesOf(awaiting.argChoices, awaiting.flags);
  if (isOption) return { candidates: optionsOf(command).flatMap(namesOf), areFiles: false };
  const { commands, registeredArguments: [argument] } = command;
  const visible = commands.length === 0 ? [] : command.createHelp().visibleCommands(command);
  if (visible.length > 0) return { candidates: visible.map((each) => ({ word: each.name(), about: each.description() })), areFiles: false };
  return argument === undefined ? { candidates: [], areFiles: false } : valuesOf(argument.argChoices, `<${argument.name()}>`);
}

function namesOf({ long, short, description: about }: Option): Candidate[] {
  return [long, short].flatMap((word) => (word === undefined ? [] : [{ word, about }]));
}

function valuesOf(choices: readonly string[] | undefined, named: string): Candidates {
  return { candidates: (choices ?? []).map((word) => ({ word, about: '' })), areFiles: choices === undefined && FILES.test(named) };
}

function optionsOf(command: Command): readonly Option[] {
  return command.createHelp().visibleOptions(command);
}

/** The option, where its value is the next word. */
function optionNamed(command: Command, word: string): Option | undefined {
  return optionsOf(command).find(({ long, short, required }) => required && (word === long || word === short));
}
