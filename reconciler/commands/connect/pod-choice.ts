// Which pod of an MCPServer connections of one client go to: the same as long as it serves, for a session may live in it.
import { SERVER_LABEL } from '../../../charts/api/labels.ts';
import type { KubernetesClient } from '../../../kubernetes/client.ts';
import { PODS } from '../../../kubernetes/objects.ts';
import type { PodObject } from '../../kinds.ts';
import type { ServingPod } from '../../verification/observation.ts';
import { servingPods } from '../../verification/serving-pods.ts';
import type { ServerName } from '../look/find-server.ts';

/** A client may open many connections at once; the pods are looked up once for them. */
const FRESH_MS = 1000;

/** Chooses, and stays with its choice. */
export class PodChoice {
  readonly #client: Pick<KubernetesClient, 'list'>;
  readonly #server: ServerName;
  readonly #signal: AbortSignal;
  #chosen: ServingPod | undefined;
  #look: { readonly atMs: number; readonly found: Promise<ServingPod | undefined> } | undefined;

  constructor(client: Pick<KubernetesClient, 'list'>, { signal, ...server }: ServerName & { readonly signal: AbortSignal }) {
    this.#client = client;
    this.#server = server;
    this.#signal = signal;
  }

  /** The pod to connect to now; undefined while none serves. Rejects with ApiError. */
  pod(): Promise<ServingPod | undefined> {
    const now = performance.now();
    if (this.#look === undefined || now - this.#look.atMs > FRESH_MS) this.#look = { atMs: now, found: this.#choose() };
    return this.#look.found;
  }

  /** Looks again at the next question, because the pod refused. */
  doubt(): void {
    this.#look = undefined;
  }

  async #choose(): Promise<ServingPod | undefined> {
    const { namespace, name } = this.#server;
    const labelSelector = `${SERVER_LABEL}=${name}`;
    const { items } = await this.#client.list<PodObject>(PODS, { namespace, labelSelector, signal: this.#signal });
    const pods = servingPods(items).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    this.#chosen = pods.find(({ uid }) => uid === this.#chosen?.uid) ?? pods[0];
    return this.#chosen;
  }
}
