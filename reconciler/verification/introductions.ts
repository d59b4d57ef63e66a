// How the containers of one MCPServer introduced themselves: each counts by what it said first, so that a server which says something
// else each time costs no writes.
import type { HandshakeResult, Passed, ServerInfo } from './handshake-result.ts';

/** Of the containers that are there, those that do not serve just now too. */
export class Introductions {
  /** By container, the first to introduce itself first. */
  readonly #known = new Map<string, Passed & { readonly server: ServerInfo }>();
  #question = '';

  /** Forgets containers that are gone; everything when another question is asked: another path, name or guard. */
  retain(containers: ReadonlySet<string>, question: string): void {
    if (question !== this.#question) this.#known.clear();
    this.#question = question;
    for (const container of this.#known.keys()) if (!containers.has(container)) this.#known.delete(container);
  }

  /** What a handshake found, with the first introduction of this container, whatever it says of itself now. */
  steady(container: string, result: HandshakeResult): HandshakeResult {
    if (result.outcome !== 'Passed' || result.server === undefined) return result;
    const first = this.#known.get(container) ?? { ...result, server: result.server };
    this.#known.set(container, first);
    return first;
  }

  /** That of the container that was first, as long as it is there; one with sessions makes the server stateful. */
  together(): ServerInfo | undefined {
    const servers = [...this.#known.values()].map(({ server }) => server);
    const [oldest] = servers;
    return oldest && { ...oldest, sessions: servers.some(({ sessions }) => sessions === 'Stateful') ? 'Stateful' : 'Stateless' };
  }
}
