// How the containers of one MCPServer introduced themselves: each counts by what it said first, so that a server which says something
// else each time costs no writes.
import type { Failed, HandshakeResult, Passed, ServerInfo } from './handshake-result.ts';

/** So often a container is asked where else MCP may be. */
const MOST_LOOKS = 2;

/** Of the containers that are there, those that do not serve just now too. */
export class Introductions {
  /** By container, the first to introduce itself first. */
  readonly #known = new Map<string, Passed & { readonly server: ServerInfo }>();
  /** By container, the first failure that named another path: a look that finds nothing in time the next time is no news. */
  readonly #elsewhere = new Map<string, Failed>();
  /** By container, how often the usual paths were looked at. */
  readonly #looks = new Map<string, number>();
  #question = '';

  /** Forgets containers that are gone; everything when another question is asked: another path, name or guard. */
  retain(containers: ReadonlySet<string>, question: string): void {
    for (const known of [this.#known, this.#elsewhere, this.#looks]) {
      if (question !== this.#question) known.clear();
      for (const container of known.keys()) if (!containers.has(container)) known.delete(container);
    }
    this.#question = question;
  }

  /** What a handshake found, with the first introduction of this container, or the first other path found, whatever it says now. */
  steady(container: string, result: HandshakeResult): HandshakeResult {
    if (result.outcome === 'Failed') return this.#steadyFailure(container, result);
    if (result.outcome !== 'Passed' || result.server === undefined) return result;
    const first = this.#known.get(container) ?? { ...result, server: result.server };
    this.#known.set(container, first);
    return first;
  }

  /** Whether to look at the usual paths once more: a server may still begin when it is asked first, and a look costs many questions. */
  mayLook(container: string): boolean {
    return !this.#elsewhere.has(container) && (this.#looks.get(container) ?? 0) < MOST_LOOKS;
  }

  #steadyFailure(container: string, result: Failed): Failed {
    const first = this.#elsewhere.get(container);
    if (first?.reason === result.reason) return first;
    this.#looks.set(container, (this.#looks.get(container) ?? 0) + 1);
    if (result.elsewhere !== undefined) this.#elsewhere.set(container, result);
    return result;
  }

  /** That of the container that was first, as long as it is there; one with sessions makes the server stateful. */
  together(): ServerInfo | undefined {
    const servers = [...this.#known.values()].map(({ server }) => server);
    const [oldest] = servers;
    return oldest && { ...oldest, sessions: servers.some(({ sessions }) => sessions === 'Stateful') ? 'Stateful' : 'Stateless' };
  }
}
