import { describe, expect, it } from 'vitest';
import { statusSchema } from '../../../charts/api/status.ts';
import type { MCPServerObject } from '../../../reconciler/kinds.ts';
import type { Situation } from '../../../reconciler/status/situation.ts';
import { statusOf } from '../../../reconciler/status/status.ts';
import { useJudges } from '../../support/judges.ts';
import { argoHealth, conditionOf, kstatus, meetsReady } from '../../support/kstatus.ts';
import { NOW } from './situations.ts';
import { SITUATIONS } from './truth-situations.ts';
import { expectedPart, statusPart, TRUTH, type Line } from './truth-table.ts';

interface Case {
  readonly title: string;
  readonly line: Line;
  readonly object: MCPServerObject;
  readonly situation?: Situation;
}

/** The MCPServer with the status of the situation, as the API server would hold it next. */
const CASES: readonly Case[] = Object.entries(TRUTH).flatMap(([name, line]) =>
  SITUATIONS[name as keyof typeof TRUTH].map((entry, index): Case => {
    const title = `${name}: ${line.situation}${index === 0 ? '' : ` (${index + 1})`}`;
    if ('stored' in entry) return { title, line, object: entry.stored };
    return { title, line, object: { ...entry.server, status: statusOf(entry) }, situation: entry };
  }));
const JUDGED = CASES.flatMap(({ title, object, situation }): [string, MCPServerObject, Situation][] =>
  situation === undefined ? [] : [[title, object, situation]],
);

describe('the truth table', () => {
  const judges = useJudges();

  it.each(CASES.map((each): [string, Case] => [each.title, each]))('row %s', (_title, { line, object }) => {
    expect(statusPart(object, line)).toEqual(expectedPart(line));
    expect([kstatus(object), argoHealth(object), meetsReady(object)]).toEqual([line.kstatus, line.argo, line.wait]);
  });

  it('reads the same to the kstatus library, and in the Lua of Argo CD', async () => {
    const judgements = await judges(CASES.map(({ object }) => object));
    const read = CASES.map(({ title }, index) => [title, judgements[index]?.kstatus, judgements[index]?.argo]);
    expect(read).toEqual(CASES.map(({ title, line }) => [title, line.kstatus, line.argo]));
    expect(judgements.filter(({ message }) => message === '')).toEqual([]);
  });

  it.each(CASES.map((each): [string, Case] => [each.title, each]))('says Updating while pods serve and it is on its way to Ready, and only then. %s', (_title, { object, situation }) => {
    const holds = (type: string): boolean => conditionOf(object, type)?.status === 'True';
    const isUpdating = situation?.server.metadata.deletionTimestamp === undefined && holds('Available') && !holds('Ready') && holds('Reconciling');
    expect(object.status?.phase === 'Updating').toBe(isUpdating);
  });

  it('is made by the code in every row but those the API server writes by itself', () => {
    expect(CASES.filter(({ situation }) => situation === undefined).map(({ title }) => title.split(':')[0])).toEqual(['1', '2']);
  });

  it.each(JUDGED)('row 30, nothing changed: looking again later changes nothing. %s', (_title, object, situation) => {
    expect(statusOf({ ...situation, server: object, now: new Date(NOW.getTime() + 3_600_000) })).toEqual(object.status);
  });

  it.each(JUDGED)('every condition carries generation, reason and message, and never both Reconciling and Stalled. %s', (_title, { status, metadata: { generation } }) => {
    expect(statusSchema.safeParse(JSON.parse(JSON.stringify(status))).error).toBeUndefined();
    expect(status?.observedGeneration).toBe(generation);
    for (const condition of status?.conditions ?? []) {
      expect(condition).toMatchObject({
        observedGeneration: generation,
        reason: expect.stringMatching(/^[A-Z][A-Za-z]+$/),
        message: expect.stringMatching(/\w/),
      });
    }
    const types = (status?.conditions ?? []).map(({ type }) => type);
    expect(types).toEqual(expect.arrayContaining(['ConfigurationValid', 'DeploymentReady', 'ServiceReady', 'Verified', 'Available', 'Ready']));
    expect(types).not.toEqual(expect.arrayContaining(['Reconciling', 'Stalled']));
  });
});
