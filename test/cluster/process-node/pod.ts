// One pod on the process node: its folder, its containers, its status, its end.
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PODS } from '../../../kubernetes/objects.ts';
import { ContainerRunner } from './container.ts';
import { NODE_ADDRESS } from './network.ts';
import { persist } from './node-object.ts';
import type { Pod, PodPlace } from './pod-environment.ts';

export class PodRunner {
  readonly containers: readonly ContainerRunner[];
  readonly #place: PodPlace;
  readonly #startTime = new Date().toISOString();
  readonly #ending = new AbortController();
  readonly #running: Promise<unknown>;
  #pod: Pod;
  #reported = '';
  #reporting: Promise<unknown> = Promise.resolve();
  #removing: Promise<void> | undefined;

  /** Starts the pod's containers at once, except when the pod is already being deleted. */
  constructor(place: PodPlace) {
    this.#place = place;
    this.#pod = place.pod;
    this.containers = this.#pod.spec.containers.map((container) => new ContainerRunner(container, place, () => this.#report()));
    if (this.#pod.metadata.deletionTimestamp !== undefined) this.#ending.abort();
    this.#running = Promise.all(this.containers.map((container) => container.run(this.#ending.signal)));
  }

  /** The API server has this version of the pod. */
  update(pod: Pod): void {
    this.#pod = pod;
    if (pod.metadata.deletionTimestamp === undefined) this.#report();
    else if (this.#removing === undefined) this.#removing = this.#remove();
  }

  /** Ends every process of the pod (SIGTERM, then SIGKILL after `graceMs`) and removes its folders. */
  async stop(graceMs: number): Promise<void> {
    this.#ending.abort();
    await Promise.all(this.containers.map((container) => container.stop(graceMs)));
    await this.#running;
    for (const folder of [this.#place.dir, this.#place.sockets]) await rm(folder, { recursive: true, force: true });
  }

  #report(): void {
    const { client, signal } = this.#place;
    this.#reporting = this.#reporting.then(async () => {
      const { name, namespace = '', uid = '' } = this.#pod.metadata;
      const object = { metadata: { name, namespace, uid }, status: this.#status() };
      const text = JSON.stringify(object);
      const options = { fieldManager: 'process-node', force: true, subresource: 'status' };
      if (text !== this.#reported) await persist(() => client.apply(PODS, object, options), signal);
      this.#reported = text;
    });
  }

  /** As a kubelet: pre-stop sleep, SIGTERM, SIGKILL when the grace is over, and only then the object. */
  async #remove(): Promise<void> {
    const { name, namespace, uid, deletionGracePeriodSeconds = 30 } = this.#pod.metadata;
    const drains = this.containers.map(({ spec, status }) => (status.state.running ? (spec.lifecycle?.preStop?.sleep?.seconds ?? 0) : 0));
    const drain = Math.min(Math.max(...drains), deletionGracePeriodSeconds);
    const { client, signal } = this.#place;
    await sleep(drain * 1000, undefined, { signal }).catch(() => undefined);
    await this.stop((deletionGracePeriodSeconds - drain) * 1000);
    await persist(() => client.delete(PODS, { namespace, name }, { uid, gracePeriodSeconds: 0 }), signal);
  }

  #status(): object {
    const { podIP } = this.#place;
    const known = this.#pod.status?.conditions ?? [];
    const condition = (type: string, holds: boolean): object => {
      const status = holds ? 'True' : 'False';
      const before = known.find((one) => one.type === type);
      return { type, status, lastTransitionTime: before?.status === status ? before.lastTransitionTime : new Date().toISOString() };
    };
    const ready = this.containers.every(({ status }) => status.ready);
    const gates = (this.#pod.spec.readinessGates ?? []).map(
      ({ conditionType }) => known.find(({ type }) => type === conditionType)?.status,
    );
    const readyAndOpen = ready && gates.every((status) => status === 'True');
    return {
      phase: phaseOf(this.containers),
      conditions: [condition('Initialized', true), condition('ContainersReady', ready), condition('Ready', readyAndOpen)],
      podIP,
      podIPs: [{ ip: podIP }],
      hostIP: NODE_ADDRESS,
      hostIPs: [{ ip: NODE_ADDRESS }],
      startTime: this.#startTime,
      containerStatuses: this.containers.map(({ spec: { name, image }, status }) => ({ name, image, imageID: '', ...status })),
    };
  }
}

function phaseOf(containers: readonly ContainerRunner[]): string {
  if (containers.some(({ status: { state, lastState } }) => state.waiting && !lastState.terminated)) return 'Pending';
  if (!containers.every(({ finished }) => finished)) return 'Running';
  return containers.every(({ status }) => status.state.terminated?.exitCode === 0) ? 'Succeeded' : 'Failed';
}
