// One pod on the process node: its folder, its containers, its status, its end.
import { mkdir, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { V1Container } from '@kubernetes/client-node';
import { isApiError } from '../../../kubernetes/errors.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import type { Images } from '../images.ts';
import { ContainerRunner, now } from './container.ts';
import type { ContainerHost, Launch, Waiting } from './container.ts';
import { prepareLaunch, writeVolumes } from './pod-environment.ts';
import type { PodPlace } from './pod-environment.ts';
import { podStatus } from './pod-status.ts';
import type { Pod } from './pod-status.ts';

/** A kubelet, too, brings mounted config maps and tokens up to date only now and then. */
const REFRESH_VOLUMES_MS = 5 * 60_000;
const RETRY_WRITE_MS = 1000;

export class PodRunner implements ContainerHost {
  readonly containers: readonly ContainerRunner[];
  readonly dir: string;
  readonly loopback: string;
  readonly restartPolicy: string;
  readonly #place: PodPlace & { readonly startTime: string };
  readonly #images: Images;
  readonly #ending = new AbortController();
  readonly #running: Promise<unknown>;
  #pod: Pod;
  #reported = '';
  #stale = true;
  #reporting: Promise<void> | undefined;
  #removing = false;

  /** Starts the pod's containers at once, except when the pod is already being deleted. */
  constructor(pod: Pod, place: PodPlace, images: Images) {
    this.#pod = pod;
    this.#place = { ...place, startTime: now() };
    this.#images = images;
    this.dir = place.dir;
    this.loopback = place.loopback;
    this.restartPolicy = pod.spec.restartPolicy ?? 'Always';
    this.containers = pod.spec.containers.map((container) => new ContainerRunner(container, this));
    const refresh = setInterval(() => void writeVolumes(this.#pod, place).catch(() => undefined), REFRESH_VOLUMES_MS);
    this.#ending.signal.addEventListener('abort', () => clearInterval(refresh));
    if (pod.metadata.deletionTimestamp !== undefined) this.#ending.abort();
    this.#running = Promise.all(this.containers.map((container) => container.run(this.#ending.signal)));
  }

  /** The API server has a newer version of the pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) this.changed();
    else if (!this.#removing) void this.#remove();
  }

  /** Ends every process of the pod (SIGTERM, then SIGKILL after `graceMs`) and removes its folder. */
  async stop(graceMs: number): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.containers.map((container) => container.stop(graceMs)));
    await this.#running;
    await rm(this.dir, { recursive: true, force: true });
  }

  async prepare(container: V1Container): Promise<Launch | Waiting> {
    const { image = '' } = container;
    const program = this.#images[image];
    if (program === undefined) return { reason: 'ErrImagePull', message: `the process node has no program for the image "${image}"` };
    try {
      if (this.#pod.spec.initContainers?.length) throw new Error('the process node runs no init containers');
      await mkdir(this.dir, { recursive: true, mode: 0o700 });
      await writeVolumes(this.#pod, this.#place);
      return await prepareLaunch(container, program, { pod: this.#pod, place: this.#place });
    } catch (error) {
      return { reason: 'CreateContainerConfigError', message: (error as Error).message };
    }
  }

  changed(): void {
    this.#stale = true;
    this.#reporting ??= this.#report().finally(() => (this.#reporting = undefined));
  }

  async #report(): Promise<void> {
    // Later, so that changes of one moment become one write, and all containers exist.
    for (await sleep(10); this.#stale; ) {
      this.#stale = false;
      const status = podStatus(this.#pod, this.containers, this.#place);
      const text = JSON.stringify(status);
      if (text !== this.#reported && !(await this.#persist(() => this.#apply(status)))) return;
      this.#reported = text;
    }
  }

  async #apply(status: object): Promise<void> {
    const { name, namespace = '', uid = '' } = this.#pod.metadata;
    const pod = { metadata: { name, namespace, uid }, status };
    await this.#place.client.apply(PODS, pod, { fieldManager: 'process-node', force: true, subresource: 'status' });
  }

  /** As a kubelet: pre-stop sleep, SIGTERM, SIGKILL when the grace is over, and only then the object. */
  async #remove(): Promise<void> {
    this.#removing = true;
    const { name, namespace, uid, deletionGracePeriodSeconds = 30 } = this.#pod.metadata;
    const drains = this.containers.map(({ spec, pid }) => (pid === undefined ? 0 : (spec.lifecycle?.preStop?.sleep?.seconds ?? 0)));
    const drain = Math.min(Math.max(...drains), deletionGracePeriodSeconds);
    await sleep(drain * 1000, undefined, { signal: this.#ending.signal }).catch(() => undefined);
    await this.stop((deletionGracePeriodSeconds - drain) * 1000);
    await this.#persist(() => this.#place.client.delete(PODS, { namespace, name }, { uid, gracePeriodSeconds: 0 }));
  }

  /** Repeats a write until it succeeds (true), the pod turns out to be gone, or the client is closed (false). */
  async #persist(write: () => Promise<void>): Promise<boolean> {
    for (;;) {
      try {
        await write();
        return true;
      } catch (error) {
        if (this.#place.signal.aborted || isApiError(error, 'NotFound', 'Conflict', 'Invalid')) return false;
        await sleep(RETRY_WRITE_MS, undefined, { signal: this.#place.signal }).catch(() => undefined);
      }
    }
  }
}
