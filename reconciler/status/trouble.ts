// What is told of a pod that does not work, and how the words of others stand in it. Pure.
import type { Reason } from '../../charts/api/reasons.ts';
import type { ResolvedSpec } from '../../charts/api/spec.ts';
import { plain } from '../../kubernetes/text.ts';

/** Why a pod does not work. */
export interface Trouble {
  readonly reason: Exclude<Reason<'DeploymentReady'>, 'RolledOut' | 'Progressing' | 'ProgressDeadlineExceeded'>;
  /** Names the pod, gives the evidence, and says what to do. */
  readonly message: string;
  /** The pod waits for a place; it has not failed. */
  readonly waits?: boolean;
}

/** Whether what a container said before it ended is quoted: its exit code, and what follows from it, always are. */
export type LastWords = ResolvedSpec['lastWords'];
export const LAST_WORDS = ['Show', 'Hide'] as const satisfies readonly LastWords[];

/** So much of what kubelet, scheduler and controllers say is shown. */
export const EXCERPT = 600;

/** What another program said, as a sentence of a message, of as many characters at most. */
export function sentence(text: string, length = EXCERPT): string {
  return `${plain(text, length).replace(/\.+$/, '')}.`;
}
