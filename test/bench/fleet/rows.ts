// What was measured of a fleet as rows of a table: the operator beside the bare loop and, where there is one, another operator.
import type { Row } from '../table.ts';
import type { Limit } from './bare-loop.ts';
import type { Life } from './fleet.ts';
import type { Measured } from './measured.ts';
import type { Waits } from './reactions.ts';

interface Found {
  readonly life: Life;
  readonly limits: Readonly<Record<'created' | 'changed', Limit>>;
  readonly other: Life | undefined;
  readonly count: number;
}

/** A number that is told of a life. */
type Told = (life: Life) => number;

/** The table. */
export function rowsOf({ life, limits, other, count }: Found): Row[] {
  const row = (measure: string, told: Told, { limit, digits = 2 }: { readonly limit?: number; readonly digits?: number } = {}): Row => {
    const shown = (value: number | undefined): number | string => (isTold(value) ? Number(value.toFixed(digits)) : '');
    const [ours, theirs] = [told(life), other && told(other)];
    const ratio = (to: number | undefined): string => (isTold(to) && to !== 0 ? (ours / to).toFixed(2) : '');
    const beside = other === undefined ? {} : { 'other operator': shown(theirs), '× other': ratio(theirs) };
    return { measure, operator: shown(ours), 'bare loop': shown(limit), '× loop': ratio(limit), ...beside };
  };
  const whole = { digits: 0 };
  const roundRows = (name: string, round: (life: Life) => Measured, limit: Limit): Row[] => [
    row(`${name}: s until observed`, (of) => round(of).seconds, { limit: limit.seconds }),
    row(`${name}: writes each`, (of) => round(of).writes / count, { limit: limit.writes }),
    row(`${name}: reads each`, (of) => round(of).reads / count),
    row(`${name}: CPU ms per write`, (of) => round(of).cpuMs / round(of).writes, { limit: limit.cpuMsPerWrite }),
    row(`${name}: p50 ms until observed`, (of) => percentile(round(of).waitsMs, 0.5), whole),
    row(`${name}: p99 ms until observed`, (of) => percentile(round(of).waitsMs, 0.99), whole),
    row(`${name}: peak MiB`, (of) => round(of).peakMiB, whole),
  ];
  const reactionRows = (situation: string, waits: (life: Life) => Waits): Row[] => [0.5, 0.99].map((share) =>
    row(`change until applied, ${situation}: p${share * 100} ms`, (of) => percentile(waits(of), share), whole));
  return [
    ...roundRows('new', ({ created }) => created, limits.created),
    row('at rest: writes', ({ rested }) => rested.writes, whole),
    row('at rest: reads', ({ rested }) => rested.reads, whole),
    row('at rest: % of a core', ({ rested }) => rested.cpuMs / rested.seconds / 10),
    row('at rest: MiB', ({ residentMiB }) => residentMiB, whole),
    row('a scrape of the metrics: ms', ({ scraped }) => scraped.ms, whole),
    row('a scrape of the metrics: MiB', ({ scraped }) => scraped.mib),
    row('scrapes of the metrics: longest pause, ms', ({ scraped }) => scraped.pauseMs, whole),
    ...roundRows('changed', ({ changed }) => changed, limits.changed),
    row('restart: ms until ready', ({ readyMs }) => readyMs, whole),
    row('restart: writes', ({ restarted }) => restarted.writes, whole),
    row('restart: reads', ({ restarted }) => restarted.reads, whole),
    row('restart: CPU ms', ({ restarted }) => restarted.cpuMs, whole),
    row('restart: peak MiB', ({ restarted }) => restarted.peakMiB, whole),
    ...reactionRows('at rest', ({ alone }) => alone),
    ...reactionRows('at 20 changes/s', ({ together }) => together),
    ...reactionRows('while as many others converge', ({ beside }) => beside),
  ];
}

function isTold(value: number | undefined): value is number {
  return value !== undefined && !Number.isNaN(value);
}

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
