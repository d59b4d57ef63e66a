// An explanation as lines of 80 columns. Pure.
import { ageOf } from '../../explain/ages.ts';
import type { Explanation } from '../../explain/explanation.ts';
import type { ToldEvent } from '../../explain/told-events.ts';
import { wrapped } from '../wrapped.ts';

/** What a person reads from top to bottom: what is wrong, how that is known, what to do. */
export function explanationLines(explanation: Explanation, now: Date): string {
  const { namespace, name, ready, reason, message, evidence, lastWords, events, nextSteps, unread } = explanation;
  const state = { True: 'is Ready', False: 'is not Ready', Unknown: 'may or may not be Ready' }[ready];
  const words = lastWords.flatMap(({ pod, container, exitCode, lines }) => [
    bullet(`Container ${container} of pod ${pod} ended${exitCode === null ? '' : ` with exit code ${exitCode}`}:`),
    ...lines.map((line) => wrapped(line, '  | ', '  | ')),
  ]);
  return [
    wrapped(`MCPServer ${namespace}/${name} ${state}: ${reason}`, '  '),
    ...section(ready === 'True' ? undefined : 'What is wrong:', [wrapped(message, '  ', '  ')]),
    ...section('What else was seen:', evidence.map(bullet)),
    ...section('Last words:', words),
    ...section('Events:', events.map((event) => bullet(eventText(event, now)))),
    ...section('What to do:', nextSteps.map(bullet)),
    ...section('Not looked at, for you may not list them:', unread.length === 0 ? [] : [bullet(unread.join(', '))]),
  ].join('\n');
}

/** An event in a sentence. */
export function eventText({ time, type, reason, count, about, message }: ToldEvent, now: Date): string {
  return `${ageOf(time, now)} ago, ${type} ${reason}${count > 1 ? ` ×${count}` : ''}, ${about}: ${message}`;
}

function section(title: string | undefined, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ['', ...(title === undefined ? [] : [title]), ...lines];
}

/** Command lines stay whole where they are longer than a line: they are to be copied. */
function bullet(text: string): string {
  const command = /^(.*): ((?:mcp-operator|kubectl) .*)$/.exec(text);
  if (command === null) return wrapped(text, '  ', '- ');
  return `${wrapped(`${command[1]}:`, '  ', '- ')}\n    ${command[2]}`;
}
