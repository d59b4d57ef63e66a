// The state of something, as a word with a shape: colour only repeats what the two say.
import type { JSX } from 'preact';

/** What a word means to somebody who looks for trouble. */
type Tone = 'good' | 'bad' | 'moving' | 'waiting' | 'unknown';

const TONES: ReadonlyMap<string, Tone> = new Map<string, Tone>([
  ['Ready', 'good'], ['True', 'good'], ['Present', 'good'], ['Succeeded', 'good'],
  ['Failed', 'bad'], ['False', 'bad'], ['Missing', 'bad'],
  ['Updating', 'moving'], ['Starting', 'moving'], ['Terminating', 'moving'],
  ['Pending', 'waiting'], ['Unknown', 'unknown'],
]);

interface Props {
  readonly word: string;
  /** Default: by the word. */
  readonly tone?: Tone | undefined;
}

export function StateMark({ word, tone = TONES.get(word) ?? 'unknown' }: Props): JSX.Element {
  return <span class={`state ${tone}`}><span class="shape" aria-hidden="true" />{word}</span>;
}

/** Of conditions that are there only while they are true, which is no good sign of any. */
export function conditionTone(type: string, status: string): Tone {
  if (status === 'Unknown') return 'unknown';
  if (type === 'Stalled' || type === 'SessionsAtRisk') return status === 'True' ? 'bad' : 'good';
  if (type === 'Reconciling') return 'moving';
  if (type === 'Suspended' || type === 'Orphaned') return 'waiting';
  return status === 'True' ? 'good' : 'bad';
}

/** Of a pod: what is wrong with it is its state. */
export function podTone(state: string, message: string | null): Tone {
  return message === null ? TONES.get(state) ?? 'waiting' : 'bad';
}

/** Of an object, such as `1/2 ready`. */
export function objectTone(state: string): Tone {
  const [, ready, wanted] = /^(\d+)\/(\d+) ready$/.exec(state) ?? [];
  if (ready === undefined) return TONES.get(state) ?? 'unknown';
  return Number(ready) >= Number(wanted) ? 'good' : 'bad';
}
