// Programs of this machine that stand in for images where there are no containers: `--program IMAGE=COMMAND`.
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { imageName } from '../../../../images/image-name.ts';
import { UserError } from '../../../../reconciler/commands/user-error.ts';

/** A command for an image. */
export interface StandIn {
  /** Written out. */
  readonly image: string;
  readonly command: readonly string[];
}

/** Reads a flag. Files are found from `folder`, programs by `path`. Throws UserError. */
export function standIn(text: string, { folder, path }: { readonly folder: string; readonly path: string }): StandIn {
  const [, image = '', command = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (command.trim() === '') throw new UserError(`--program ${text} is not IMAGE=COMMAND: for instance --program 'tools/weather:1.0.0=python3 weather.py'`);
  const [program = '', ...args] = wordsOf(command);
  return { image: nameOf(image), command: [found(program, { folder, path }), ...args.map((word) => fileIn(folder, word) ?? word)] };
}

function nameOf(image: string): string {
  try {
    return imageName(image).full;
  } catch (error) {
    throw new UserError((error as Error).message, { cause: error });
  }
}

/** Words as a shell splits them, with either kind of quotes and nothing else that a shell knows. Throws UserError for a quote without an end. */
export function wordsOf(command: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (const character of command) {
    if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (quote !== '') throw new UserError(`${command} has a ${quote} without its other one`);
  return word === undefined ? words : [...words, word];
}

function found(program: string, { folder, path }: { readonly folder: string; readonly path: string }): string {
  const folders = path.split(':').filter((each) => each !== '');
  const candidates = program.includes('/') ? [resolve(folder, program)] : folders.map((each) => join(each, program));
  const runnable = candidates.find(isProgram);
  if (runnable !== undefined) return runnable;
  throw new UserError(`--program: ${program.includes('/') ? `${candidates[0]} is no program` : `there is no program ${program} on the PATH`}`);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** A pod's process starts in a folder of its own, so files are named from the root. */
function fileIn(folder: string, word: string): string | undefined {
  const file = resolve(folder, word);
  return !word.startsWith('-') && /[./]/.test(word) && existsSync(file) ? file : undefined;
}
