// How the containers of one MCPServer introduced themselves: each counts by what it said first, so that a server which says something
// else each time costs no writes.
import type { HandshakeResult, Passed, ServerInfo } from './handshake-result.ts';

/** What a container said first. */
interface Introduced {
  readonly identity: string;
  readonly first: Passed & { readonly server: ServerInfo };
}

/** Of the containers that are there, those that do not serve just now too. */
export class Introductions {
  /** By uid of the pod, the first to introduce itself first. */
  readonly #known = new Map<string, Introduced>();
  #question = '';

  /** Forgets pods that are gone; everything when another question is asked: another path, name or guard. */
  retain(uids: ReadonlySet<string>, question: string): void {
    if (question !== this.#question) this.#known.clear();
    this.#question = question;
    for (const uid of this.#known.keys()) if (!uids.has(uid)) this.#known.delete(uid);
  }

  /** What a handshake found, with the first introduction of this container, whatever it says of itself now. */
  steady(uid: string, identity: string, result: HandshakeResult): HandshakeResult {
    if (result.outcome !== 'Passed' || result.server === undefined) return result;
    const known = this.#known.get(uid);
    if (known?.identity === identity) return known.first;
    this.#known.delete(uid);
    this.#known.set(uid, { identity, first: { ...result, server: result.server } });
    return result;
  }

  /** That of the container that was first, as long as it is there; one with sessions makes the server stateful. */
  together(): ServerInfo | undefined {
    const servers = [...this.#known.values()].map(({ first }) => first.server);
    const [oldest] = servers;
    return oldest && { ...oldest, sessions: servers.some(({ sessions }) => sessions === 'Stateful') ? 'Stateful' : 'Stateless' };
  }
}
