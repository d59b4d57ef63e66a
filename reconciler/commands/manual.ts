// What the help of every command says below its options: how it behaves, its exit codes, and examples.
import type { Command } from 'commander';

/** The manual of one command. Lines fit 80 columns, where they are no example. */
export interface Manual {
  /** Paragraphs between options and exit codes. */
  readonly notes?: string;
  /** What each exit code means to a script. */
  readonly exitCodes: Readonly<Record<number, string>>;
  /** Command lines, such as `mcp-operator render -f weather.yaml`. */
  readonly examples: readonly string[];
  /** Whether it ends in its own way on Ctrl-C. Default: false, by the signal, of which a shell makes 130. */
  readonly heedsSignals?: boolean;
  /** The code of a mistake of the user, and of a defect. Default: 1. */
  readonly failsWith?: number;
}

/** What a shell sees of a command that a signal ended. */
const CTRL_C = { 130: 'it was ended by Ctrl-C' };

/** What is left of 80 behind a code. */
const COLUMNS = 74;

const manuals = new WeakMap<Command, Manual>();

/** Adds the manual to a command. */
export function explain(command: Command, manual: Manual): Command {
  manuals.set(command, { ...manual, exitCodes: { ...manual.exitCodes, ...(manual.heedsSignals !== true && CTRL_C) } });
  return command.addHelpText('after', () => `\n${manualText(manualOf(command) ?? manual, command.parent?.name())}`);
}

/** The manual of a command; undefined for one that only holds others. */
export function manualOf(command: Command): Manual | undefined {
  return manuals.get(command);
}

/** As it stands in the help of a program of this name. */
function manualText({ notes, exitCodes, examples }: Manual, program = 'mcp-operator'): string {
  const codes = Object.entries(exitCodes).map(([code, meaning]) => `  ${code.padEnd(3)} ${lines(meaning).join('\n      ')}`);
  const sections = [
    ...(notes === undefined ? [] : [notes]),
    `Exit codes:\n${codes.join('\n')}`,
    `Examples:\n${examples.map((line) => `  ${line.replaceAll('mcp-operator', program).replaceAll('\n', '\n  ')}`).join('\n')}`,
  ];
  return sections.join('\n\n');
}

/** In lines of 80 columns behind an exit code. */
function lines(text: string): string[] {
  const words = text.split(/\s+/);
  return words.slice(1).reduce((made, word) => {
    const glued = `${made.at(-1)} ${word}`;
    return glued.length <= COLUMNS ? [...made.slice(0, -1), glued] : [...made, word];
  }, words.slice(0, 1));
}
