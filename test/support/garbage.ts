// Whether something is still held by anybody.
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects garbage, and says whether what is referred to went with it. */
export async function isCollected(reference: WeakRef<object>): Promise<boolean> {
  // A WeakRef that was made, or looked at, holds until the end of that turn.
  await setImmediate();
  collect();
  return reference.deref() === undefined;
}
