// An API client that connects when it is first used, and tries again with the next call when it cannot.
import { KubernetesClient, type ClientOptions } from '../../kubernetes/client.ts';
import { connect, type ConnectOptions } from '../../kubernetes/connect.ts';
import type { KubernetesObject, ObjectReference, ResourceType } from '../../kubernetes/objects.ts';
import type { Cancellable, WriteOptions } from '../../kubernetes/requests.ts';
import { onAbort } from './ending.ts';

/** Calls reject as those of KubernetesClient, and as `connect` does. */
export class LateClient implements Pick<KubernetesClient, 'get' | 'create' | 'update' | 'close'> {
  readonly #connect: () => Promise<KubernetesClient>;
  #connected: Promise<KubernetesClient> | undefined;

  constructor(where: ConnectOptions, options: ClientOptions) {
    this.#connect = async () => new KubernetesClient(await connect(where), options);
  }

  async get<T extends KubernetesObject>(type: ResourceType, ref: ObjectReference, options: Cancellable = {}): Promise<T> {
    return (await this.#client(options)).get<T>(type, ref, options);
  }

  async create<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    return (await this.#client(options)).create(type, object, options);
  }

  async update<T extends KubernetesObject>(type: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    return (await this.#client(options)).update(type, object, options);
  }

  close(): void {
    this.#connected?.then((client) => client.close(), () => undefined);
  }

  /** A credential plugin may take as long as it likes, the caller not. */
  async #client({ signal }: Cancellable): Promise<KubernetesClient> {
    this.#connected ??= this.#connect().catch((error: unknown) => {
      this.#connected = undefined;
      throw error;
    });
    const aborted = new Promise<never>((_, reject) => onAbort(signal, () => reject(signal?.reason as Error)));
    return Promise.race([this.#connected, aborted]);
  }
}
