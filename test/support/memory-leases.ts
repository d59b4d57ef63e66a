// One Lease in memory that can fail: as the API server keeps it, with resourceVersions and their conflicts.
import { ApiError } from '../../kubernetes/errors.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../kubernetes/objects.ts';
import type { Cancellable } from '../../kubernetes/requests.ts';
import type { LeaseLockOptions, LeaseObject, LeaseSpec } from '../../reconciler/runtime/lease-lock.ts';

type LeaseClient = LeaseLockOptions['client'];

/** What a request meets: nothing, a failure, no answer until its signal ends it, or no answer at all. */
export type Fault = ApiError | 'silent' | 'stuck' | undefined;

/** Stands in for the client of an API server that holds one Lease. */
export class MemoryLeases implements LeaseClient {
  stored: LeaseObject | undefined;
  /** Every request so far, as its method. */
  readonly requests: string[] = [];
  /** Decides what the next requests meet; called before anything changes. */
  fault: (method: string) => Fault | Promise<Fault> = () => undefined;
  #version = 0;

  async get<T extends KubernetesObject>(_type: ResourceType, ref: ObjectReference, options: Cancellable = {}): Promise<T> {
    await this.#arrive('GET', options);
    if (this.stored?.metadata.name !== ref.name) throw new ApiError('NotFound', 'there is no such lease');
    return structuredClone(this.stored) as unknown as T;
  }

  async create<T extends KubernetesObject>(_type: ResourceType, object: T, options: Cancellable = {}): Promise<T> {
    await this.#arrive('POST', options);
    if (this.stored !== undefined) throw new ApiError('AlreadyExists', 'there is one');
    return this.#store(object) as unknown as T;
  }

  async update<T extends KubernetesObject>(_type: ResourceType, object: T, options: Cancellable = {}): Promise<T> {
    await this.#arrive('PUT', options);
    if (this.stored?.metadata.resourceVersion !== object.metadata.resourceVersion) throw new ApiError('Conflict', 'it has been modified');
    return this.#store(object) as unknown as T;
  }

  /** Changes the Lease as another client does. */
  write(spec: LeaseSpec, metadata: object = {}): void {
    this.#store({
      metadata: { ...this.stored?.metadata, name: 'operator', namespace: 'system', ...metadata },
      spec: { ...this.stored?.spec, ...spec },
    } as LeaseObject);
  }

  #store(object: KubernetesObject): LeaseObject {
    this.#version += 1;
    this.stored = structuredClone({ ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } });
    return structuredClone(this.stored);
  }

  async #arrive(method: string, { signal }: Cancellable): Promise<void> {
    this.requests.push(method);
    const fault = await this.fault(method);
    if (fault instanceof ApiError) throw fault;
    if (fault === undefined) return;
    await new Promise((_, reject) => {
      if (fault === 'silent') signal?.addEventListener('abort', () => reject(signal.reason as Error));
    });
  }
}
