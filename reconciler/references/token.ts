// When a change of what a server refers to replaces its pods, and what its Deployment carries about that. Pure.
import { GROUP } from '../../charts/api/group.ts';
import type { Manifest } from '../../charts/render.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';
import { contains } from '../compare/contains.ts';
import { hashOf } from './digest.ts';
import { compare, formatRecord, parseRecord, type Known, type ReferenceRecord } from './record.ts';

/** Annotation of the Deployment: what its pods were started with. Of the pod template: changes when they must be replaced. */
export const REFERENCES_ANNOTATION = `${GROUP}/references`;
/** The record of a server whose references are not followed. */
const IGNORED = 'ignored';
/** After a change nothing happens for so long, so that changes made together replace pods once. */
const QUIET_MS = 2000;
/** No longer than this, however often something changes. */
const LONGEST_MS = 30_000;

/** What the Deployment is to carry about references. */
export interface ReferenceToken {
  /** The record, for the Deployment's own metadata; undefined: none. */
  readonly record?: string | undefined;
  /** Set when pods must be replaced now: the new annotation of the pod template, and why. */
  readonly restart?: { readonly value: string; readonly because: string } | undefined;
}

/** What is decided by. */
export interface Evidence {
  readonly onReferenceChange: 'Restart' | 'Ignore';
  readonly known: readonly Known[];
  /** The Deployment as it is, if it is there. */
  readonly live: KubernetesObject | undefined;
  /** The Deployment as rendered; asked for only where something changed. */
  readonly desired: () => Manifest | undefined;
  /** Since when a change has been waiting, and the present, on the clock of the observations. */
  readonly pendingSince: number | undefined;
  readonly now: number;
}

/** A token; `waitMs` while a change is waiting for others to join it. */
export interface Decision {
  readonly token: ReferenceToken;
  readonly waitMs?: number | undefined;
}

interface HasTemplate {
  readonly spec?: { readonly template?: { readonly metadata?: { readonly annotations?: Readonly<Record<string, string>> } } };
}

/** The record a live Deployment carries. */
export function recordOf(live: KubernetesObject): string | undefined {
  return live.metadata.annotations?.[REFERENCES_ANNOTATION];
}

/** The annotation of the live pod template: it stays until the next restart, for taking it away would be one. */
export function templateAnnotation(live: KubernetesObject): string | undefined {
  return (live as HasTemplate).spec?.template?.metadata?.annotations?.[REFERENCES_ANNOTATION];
}

/** Decides what the Deployment is to carry. */
export function decide({ onReferenceChange, known, live, desired, pendingSince, now }: Evidence): Decision {
  const before = live && recordOf(live);
  if (onReferenceChange === 'Ignore') return { token: before === undefined ? {} : { record: IGNORED } };
  const { changed, kept, latest } = compare(known, parseRecord(before));
  // Pods that are replaced anyway start with what there is now.
  if (changed.length === 0 || live === undefined || !contains(templateOf(live), templateOf(desired()))) return { token: tokenOf(latest) };
  const quiet = Math.max(...changed.map(({ observed }) => observed.at)) + QUIET_MS;
  const waitMs = Math.min(quiet, (pendingSince ?? now) + LONGEST_MS) - now;
  if (waitMs > 0) return { token: tokenOf(kept), waitMs };
  // Differs from the present value, also when the references are back at what they were.
  const value = hashOf([formatRecord(latest), templateAnnotation(live)]);
  const because = changed.map(({ reference: { kind, name } }) => `${kind} ${name}`).join(', ');
  return { token: { ...tokenOf(latest), restart: { value, because } } };
}

function templateOf(deployment: unknown): unknown {
  return (deployment as HasTemplate | undefined)?.spec?.template;
}

function tokenOf(record: ReferenceRecord): ReferenceToken {
  return record.size === 0 ? {} : { record: formatRecord(record) };
}
