// From what is known of the serving pods to what the status says about the MCPServer. Pure.
import type { Failed, Passed, ServerInfo, Unknown } from './handshake-result.ts';
import { introductionOf, withNote } from './judge.ts';
import type { PodProbe } from './pod-probe.ts';

type Status = 'True' | 'False' | 'Unknown';

interface Finding<R extends string = string> {
  readonly reason: R;
  readonly message: string;
}

/** What stands in the way of Ready before it counts. */
type Pending = Finding<Failed['reason'] | 'NotYetProbed'>;

/** What the stored status says. */
export interface StoredVerdict {
  readonly verified: Finding & { readonly status: Status };
  readonly available: Status;
  /** Whether it is about the present generation. */
  readonly current: boolean;
}

/** The `Verified` condition. */
type Verified =
  | ({ readonly verified: 'True' } & Finding<Passed['reason']>)
  | ({ readonly verified: 'False' } & Finding<Failed['reason'] | 'PartiallyVerified'>)
  | ({ readonly verified: 'Unknown' } & Finding<Exclude<Unknown['reason'], 'Starting'> | 'NotYetProbed'>);

/** The `Verified` condition and what follows from it. */
export type Verdict = Verified & {
  /** Whether some serving pod is verified; Unknown when none could be asked. */
  readonly available: boolean | 'Unknown';
  /** What stands in the way of Ready before it counts against `verified`: Ready is not True while this is present. */
  readonly pending?: Pending;
  /** What the pods said about themselves; undefined when none did: then keep what the status has. */
  readonly server?: ServerInfo;
};

/**
 * The verdict on all serving pods (ready and not terminating). What is stored stands until there is evidence: after a
 * restart of the operator without further ado, for new pods with `pending`. What the server said of itself is `introduction`;
 * default: what the first pod that passes says.
 */
export function verdict(probes: readonly PodProbe[], stored?: StoredVerdict, introduction?: ServerInfo): Verdict {
  const trusted = stored !== undefined && isTrusted(stored) ? stored : undefined;
  if (probes.length === 0) {
    return { verified: 'Unknown', reason: 'NotYetProbed', message: 'No pod serves that could be asked.', available: false };
  }
  if (trusted?.current === true && probes.some((probe) => probe.inherited && saysNothing(probe, trusted))) return kept(trusted);
  return weigh(sort(probes, trusted), trusted, introduction);
}

/** Whether a pod was not asked yet, or only once and without an answer, which is no evidence against a failure. */
function saysNothing({ latest, settled }: PodProbe, { verified }: StoredVerdict): boolean {
  return latest === undefined || (settled === undefined && latest.outcome === 'Unknown' && verified.status === 'False');
}

/** The pods by what stands about each. `early` failed, but it does not count yet; `kept` are those the stored True is about. */
interface Sorted {
  readonly passed: (Passed & { readonly pod: string })[];
  readonly failed: (Failed & { readonly pod: string })[];
  readonly unknown: Unknown[];
  readonly early: Failed[];
  readonly kept: number;
  readonly unprobed: number;
}

function sort(probes: readonly PodProbe[], trusted: StoredVerdict | undefined): Sorted {
  const sorted = { passed: [], failed: [], unknown: [], early: [], kept: 0, unprobed: 0 } as { -readonly [K in keyof Sorted]: Sorted[K] };
  const stands = trusted?.current === true ? trusted.verified.status : undefined;
  for (const { pod, latest, settled, inherited } of probes.toSorted((a, b) => (a.pod < b.pod ? -1 : 1))) {
    const result = settled ?? latest;
    if (result === undefined) sorted.unprobed += 1;
    else if (settled === undefined && inherited && stands === 'True') sorted.kept += 1;
    else if (result.outcome === 'Passed') sorted.passed.push({ ...result, pod });
    else if (result.outcome === 'Unknown') sorted.unknown.push(result);
    else if (settled !== undefined || (inherited && stands === 'False')) sorted.failed.push({ ...result, pod });
    else sorted.early.push(result);
  }
  return sorted;
}

function weigh(pods: Sorted, trusted: StoredVerdict | undefined, introduction: ServerInfo | undefined): Verdict {
  const { passed, failed, unknown, early, unprobed } = pods;
  const good = passed.length + pods.kept;
  const server = serverOf(passed, introduction);
  const [bad] = failed;
  if (bad !== undefined && good > 0) {
    const message = `Pod ${bad.pod} fails the handshake while others pass. ${bad.message}`;
    return { verified: 'False', reason: 'PartiallyVerified', message, available: true, ...server };
  }
  if (bad !== undefined) {
    return { verified: 'False', reason: bad.reason, message: bad.message, available: unknown.length > 0 ? 'Unknown' : false };
  }
  const pass = passed.find(({ reason }) => reason === 'Verified') ?? passed[0];
  if (pods.kept > 0 && trusted !== undefined) return { ...kept(trusted), available: true };
  if (pass !== undefined) {
    const message = pass.reason === 'Verified' && introduction !== undefined ? withNote(introductionOf(introduction), pass.note) : pass.message;
    return { verified: 'True', reason: pass.reason, message, available: true, ...server };
  }
  const pending = early[0] === undefined ? {} : { pending: pick(early[0]) };
  const [open] = unknown;
  if (open !== undefined) return { verified: 'Unknown', ...unknownOf(open), available: 'Unknown', ...pending };
  if (trusted === undefined) return { ...NOT_YET, verified: 'Unknown', available: false, ...pending };
  const available = unprobed > 0 ? kept(trusted).available : false;
  return { ...kept(trusted), available, pending: NOT_YET, ...pending };
}

const NOT_YET: Finding<'NotYetProbed'> = { reason: 'NotYetProbed', message: 'The serving pods have not been verified yet.' };

/** One that is being started was not really asked yet. */
function unknownOf({ reason, message }: Unknown): Finding<Exclude<Unknown['reason'], 'Starting'> | 'NotYetProbed'> {
  return { reason: reason === 'Starting' ? 'NotYetProbed' : reason, message };
}

function isTrusted({ verified: { status, reason } }: StoredVerdict): boolean {
  return status !== 'Unknown' || reason === 'Unreachable' || reason === 'TLSRequired';
}

function kept({ verified, available }: StoredVerdict): Verdict {
  // It was made by `verdict` before it was stored.
  const before = { ...pick(verified), verified: verified.status } as Verified;
  return { ...before, available: available === 'Unknown' ? available : available === 'True' };
}

function pick<R extends string>({ reason, message }: Finding<R>): Finding<R> {
  return { reason, message };
}

/** The introduction, where a pod that passes gave one; one pod with sessions makes the server stateful. */
function serverOf(passed: Sorted['passed'], introduction: ServerInfo | undefined): { server?: ServerInfo } {
  const infos = passed.flatMap(({ server }) => server ?? []);
  const [first] = infos;
  if (first === undefined) return {};
  if (introduction !== undefined) return { server: introduction };
  return { server: { ...first, sessions: infos.some(({ sessions }) => sessions === 'Stateful') ? 'Stateful' : 'Stateless' } };
}
