// Reads from the sources what a program logs: every call of a logger, with its level, message and keys.
import { readFileSync } from 'node:fs';

/** A call of a logger in the sources. */
export interface LogLine {
  readonly level: string;
  /** `…` stands for what is known only when it runs. */
  readonly message: string;
}

/** What logs: pino takes the message last, the bridge's own logger first. */
const CALL = /(?:\blog|#log|log\(\)|\}\)|\)\))\??\.(trace|debug|info|warn|error|fatal)\(/g;

/** The calls of loggers in a file; one that chooses between messages is two. */
export function logLines(file: string, text = readFileSync(file, 'utf8')): LogLine[] {
  return [...text.matchAll(CALL)].flatMap((match) =>
    messagesOf(argumentsOf(text, match.index + match[0].length)).map((message) => ({ level: match[1] ?? '', message })));
}

/** The arguments of a call, from behind its parenthesis; commas within parentheses, braces and texts part none. */
function argumentsOf(text: string, start: number): string[] {
  const found = [''];
  let depth = 0;
  for (const [piece] of text.slice(start).matchAll(/`(?:[^`\\]|\\.)*`|'(?:[^'\\]|\\.)*'|[\s\S]/g)) {
    if (piece === ')' && depth === 0) break;
    if ('([{'.includes(piece)) depth += 1;
    if (')]}'.includes(piece)) depth -= 1;
    if (piece === ',' && depth === 0) found.push('');
    else found.push(`${found.pop() ?? ''}${piece}`);
  }
  return found.map((argument) => argument.trim()).filter((argument) => argument !== '');
}

/** Of a call that has no text of its own, what is known only when it runs. */
function messagesOf(given: readonly string[]): string[] {
  const text = given.find((argument) => /^['`]|\? ['`]/.test(argument) && !argument.startsWith('{')) ?? '';
  const literals = [...text.matchAll(/(?:^|[?:] )(['`])(.*?)\1/gs)].map(([, , literal = '']) => literal.replaceAll(/\$\{[^}]*\}/g, '…').replaceAll('\\', ''));
  return literals.length === 0 ? ['…'] : literals;
}
