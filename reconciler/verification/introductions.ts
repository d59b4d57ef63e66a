// How the containers of one MCPServer introduced themselves: each counts by what it said first, so that a server which says something
// else each time costs no writes.
import type { Failed, HandshakeResult, Passed, ServerInfo } from './handshake-result.ts';

/** So often a container is asked where else MCP may be. */
const MOST_LOOKS = 2;

/** What is remembered of a container. */
interface Known {
  /** Its first introduction. */
  readonly introduced?: Introduced;
  /** The first failure that named another path: a look that finds nothing in time the next time is no news. */
  readonly elsewhere?: Failed;
  /** How often the usual paths were looked at. */
  readonly looks: number;
}

type Introduced = Passed & { readonly server: ServerInfo };

/** Of the containers that are there, those that do not serve just now too. */
export class Introductions {
  /** By container; of those that introduced themselves, the first to do so first. */
  readonly #known = new Map<string, Known>();
  #question = '';

  /** Forgets containers that are gone; everything when another question is asked: another path, name or guard. */
  retain(containers: ReadonlySet<string>, question: string): void {
    if (question !== this.#question) this.#known.clear();
    for (const container of this.#known.keys()) if (!containers.has(container)) this.#known.delete(container);
    this.#question = question;
  }

  /** What a handshake found, with the first introduction of this container, or the first other path found, whatever it says now. */
  steady(container: string, result: HandshakeResult): HandshakeResult {
    if (result.outcome === 'Failed') return this.#steadyFailure(container, result);
    if (result.outcome !== 'Passed' || result.server === undefined) return result;
    const { introduced, ...known } = this.#of(container);
    if (introduced !== undefined) return introduced;
    const first = { ...result, server: result.server };
    this.#known.delete(container);
    this.#known.set(container, { ...known, introduced: first });
    return first;
  }

  /** Whether to look at the usual paths once more: a server may still begin when it is asked first, and a look costs many questions. */
  mayLook(container: string): boolean {
    const { elsewhere, looks } = this.#of(container);
    return elsewhere === undefined && looks < MOST_LOOKS;
  }

  #steadyFailure(container: string, result: Failed): Failed {
    const known = this.#of(container);
    if (known.elsewhere?.reason === result.reason) return known.elsewhere;
    const elsewhere = result.elsewhere === undefined ? {} : { elsewhere: result };
    this.#known.set(container, { ...known, ...elsewhere, looks: known.looks + 1 });
    return result;
  }

  /** That of the container that was first, as long as it is there; one with sessions makes the server stateful. */
  together(): ServerInfo | undefined {
    const servers = [...this.#known.values()].flatMap(({ introduced }) => introduced?.server ?? []);
    const [oldest] = servers;
    return oldest && { ...oldest, sessions: servers.some(({ sessions }) => sessions === 'Stateful') ? 'Stateful' : 'Stateless' };
  }

  #of(container: string): Known {
    return this.#known.get(container) ?? { looks: 0 };
  }
}
