// A round of work with what it cost the operator, and what it is at rest.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench, Running } from '../measured-operator.ts';
import type { Round } from './driver.ts';
import { requestsOf, type Period, type Requests } from './requests.ts';

/** How long it is watched at rest. */
const REST_MS = 10_000;
/** It rests when nothing was written for so long. The controllers of the cluster have their last words first. */
const SETTLE_MS = 5000;
const LIMIT_MS = 60_000;

/** A round with what it cost the operator. */
export interface Measured extends Requests {
  readonly seconds: number;
  readonly cpuMs: number;
  readonly peakMiB: number;
  readonly waitsMs: readonly number[];
}

/** What is measured, where, and who is told. */
export interface Site extends Bench {
  /** Whether a user agent is the operator's. */
  readonly isOperator: (userAgent: string) => boolean;
  readonly progress: (line: string) => void;
}

/** Whether a user agent is that of the operator of this project. */
export function isOurs(userAgent: string): boolean {
  return /^mcp-operator(?:\/reconcile\/|$)/.test(userAgent);
}

/** Of metrics as they are served, the sum of all series of a pattern whose first group is the value. */
export function sumOf(metrics: string, series: RegExp): number {
  return [...metrics.matchAll(series)].reduce((sum, [, value]) => sum + Number(value), 0);
}

/** How many reconciles there were. */
export const RECONCILES_DONE = /^controller_runtime_reconcile_total\{.*\} (\d+)$/gm;

export async function measured(site: Site, operator: Running, act: () => Promise<Period & Partial<Round>>): Promise<Measured> {
  const before = await operator.cost();
  const { from, to, waitsMs = [] } = await act();
  const { cpuMs, peakMiB } = await operator.cost();
  const requests = await requestsOf(site.auditLog, site.isOperator, { from, to });
  const found = { ...requests, seconds: (to.getTime() - from.getTime()) / 1000, cpuMs: cpuMs - before.cpuMs, peakMiB };
  site.progress(JSON.stringify(found));
  return { ...found, waitsMs };
}

export async function rest(): Promise<Period> {
  const from = new Date();
  await sleep(REST_MS);
  return { from, to: new Date() };
}

/** One that never rests is measured all the same. */
export async function settled({ auditLog, isOperator, progress }: Site, limitMs = LIMIT_MS): Promise<void> {
  for (const deadline = performance.now() + limitMs; performance.now() < deadline; ) {
    const from = new Date();
    await sleep(SETTLE_MS);
    if ((await requestsOf(auditLog, isOperator, { from, to: new Date() })).writes === 0) return;
  }
  progress(`the operator still writes after ${limitMs / 1000} s`);
}
