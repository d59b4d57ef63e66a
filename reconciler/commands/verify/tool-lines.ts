// What tools cost, as lines of 80 columns. Pure.
import { wrapped } from '../wrapped.ts';
import type { ToolCosts } from './tool-costs.ts';

/** Of so many tools the cost is told one by one, the dearest first. */
const MOST_TOOLS = 20;

/** How many tools there are, what they cost together, and each. */
export function toolLines({ count, tokens, complete, list }: ToolCosts): string[] {
  const many = `${complete ? '' : 'at least '}${count} ${count === 1 ? 'tool' : 'tools'}`;
  const head = `It offers ${many}, which ${complete && count === 1 ? 'costs' : 'cost'} a client about ${number(tokens)} tokens of every conversation.`;
  const shown = list.slice(0, MOST_TOOLS);
  const rest = list.slice(MOST_TOOLS);
  const width = number(shown[0]?.tokens ?? 0).length;
  const more = rest.length === 0 ? [] : [`${number(rest.reduce((sum, each) => sum + each.tokens, 0)).padStart(width + 2)}  ${rest.length} others`];
  const lines = shown.map((each) => wrapped(each.name, ' '.repeat(width + 4), `${number(each.tokens).padStart(width + 2)}  `));
  return [wrapped(head), ...lines, ...more];
}

function number(value: number): string {
  return value.toLocaleString('en');
}
