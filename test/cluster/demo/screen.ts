// What stands on the screen while `npm start` runs: how far it is, the table of MCPServers, and next steps, as much as there is room for. Pure.
import type { Step } from './next-steps.ts';
import { isBrokenAsMeant, isReady, nameOf } from './readiness.ts';
import { cutLine, rowsOf, widthOf, type Line, type Span } from './spans.ts';
import { table, type Listed } from './table.ts';

/** Columns and rows of a terminal. */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** All that is shown. */
export interface View {
  readonly listed: readonly Listed[];
  /** How pods run, in some words. */
  readonly title: string;
  /** Whole seconds since the start; until everything was up, once it was. */
  readonly seconds: number;
  readonly wasUp: boolean;
  /** Sentences on what is otherwise than usual. */
  readonly remarks: readonly string[];
  readonly steps: readonly Step[];
}

const MESSAGE_LINES = [5, 4, 3, 2, 1];
const END = 'Ctrl-C stops everything';

/** The lines of a screen. They take no more rows than it has, unless it has less than five. */
export function screen(view: View, { columns, rows }: Size): Line[] {
  const fits = (lines: readonly Line[]): boolean => lines.reduce((sum, line) => sum + rowsOf(line, columns), 0) <= rows;
  const priorities = [...new Set(view.steps.map(({ priority }) => priority))].toSorted((a, b) => a - b);
  // Next steps first: an explanation is more than what one could do besides.
  const choices = [...priorities.map((most) => view.steps.filter(({ priority }) => priority <= most)).toReversed(), []];
  const tables = MESSAGE_LINES.map((messageLines) => table(view.listed, columns, messageLines));
  for (const steps of choices) {
    for (const rowsOfServers of tables.slice(0, steps.length > 0 ? 3 : undefined)) {
      const lines = composed(view, { steps, columns, servers: rowsOfServers });
      if (fits(lines)) return lines;
    }
  }
  return shortened(view, { columns, rows });
}

interface Composition {
  readonly steps: readonly Step[];
  readonly columns: number;
  /** The table. */
  readonly servers: readonly Line[];
}

function composed(view: View, { steps, columns, servers }: Composition): Line[] {
  const remarks = view.remarks.map((remark): Line => cutLine([{ text: remark, style: 'waiting' }], columns));
  const widest = Math.max(0, ...steps.map(({ label }) => label.length));
  const next = steps.map(({ label, text, isCommand }): Line => {
    return [{ text: `${label.padEnd(widest)}  `, style: 'faint' }, isCommand ? { text, style: 'strong' } : { text }];
  });
  return [heading(view, columns), ...remarks, [], ...servers, ...(next.length > 0 ? [[], ...next] : [])];
}

/** For a screen that is too small for a row per server: those that are not Ready first, and how many more there are. */
function shortened(view: View, { columns, rows }: Size): Line[] {
  const [waiting, ready] = [view.listed.filter(({ server }) => !isReady(server)), view.listed.filter(({ server }) => isReady(server))];
  const ordered = [waiting, ready].flatMap((each) => table(each, columns, 1).slice(1));
  const kept: Line[] = [heading(view, columns)];
  for (const line of ordered) {
    const used = kept.reduce((sum, each) => sum + rowsOf(each, columns), 0);
    if (used + rowsOf(line, columns) > rows - 1) return [...kept, cutLine([{ text: '… and more: kubectl get mcps -A', style: 'faint' }], columns)];
    kept.push(line);
  }
  return kept;
}

function heading({ listed, title, seconds, wasUp }: View, columns: number): Line {
  const ready = listed.filter(({ server }) => isReady(server)).length;
  const meant = listed.filter(({ server }) => isBrokenAsMeant(server)).map(({ server }) => nameOf(server).split('/')[1]);
  const isWhole = ready + meant.length === listed.length;
  const count: Span = { text: `${ready} of ${listed.length} Ready`, style: isWhole && wasUp ? 'good' : 'waiting' };
  const time = !wasUp ? `, ${seconds} s` : isWhole ? ` (in ${seconds} s)` : '';
  const why = meant.length > 0 ? `; ${meant.join()} is broken on purpose` : '';
  const left: Span[] = [count, { text: `${time}${why}` }];
  // The least of it is left out where there is no room for all.
  for (const more of [[`  ${title}`, END], ['', END], ['', '']] as const) {
    const line: Span[] = [...left, { text: more[0], style: 'faint' }];
    const room = columns - widthOf(line) - more[1].length;
    if (room >= 2) return [...line, { text: `${' '.repeat(room)}${more[1]}`, style: 'faint' }];
  }
  return cutLine(left, columns);
}
