// Runs an informer beside what a test or a benchmark does.
import type { Informer } from '../../kubernetes/informer.ts';
import type { KubernetesObject } from '../../kubernetes/objects.ts';

/** Keeps an informer current. Resolves once it has listed, to what ends it. */
export async function watching<T extends KubernetesObject>(informer: Pick<Informer<T>, 'run' | 'synced'>): Promise<() => Promise<void>> {
  const stop = new AbortController();
  const running = informer.run(stop.signal);
  await informer.synced;
  return async () => {
    stop.abort();
    await running;
  };
}
