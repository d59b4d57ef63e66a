// Sessions of other replicas: which of them has a session, and what is told where that one cannot be asked.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { busy, sendError, type HttpRefusal } from '../transports/refusals.ts';
import { clientOf, Shares } from '../transports/shares.ts';
import { canonical } from './addresses.ts';
import { Forwarder } from './forwarder.ts';
import { MARK, type Hop } from './hop.ts';
import type { Log } from './log.ts';
import type { Metrics } from './metrics.ts';
import { PeerAddresses, type Lookup } from './peer-addresses.ts';
import { isOf, isSessionId } from './session-ids.ts';
import type { Settings } from './settings.ts';

/** Requests, with open event streams, that one other replica is answering for this one. */
const MOST_FORWARDED = 512;
/** Requests that wait until their replica is listed. */
const MOST_WAITING = 64;
/** A new replica is in everybody's list by then: name servers in a cluster keep an answer for five seconds. */
const NEWCOMER_MS = 5000;
const PAUSE_MS = 500;
/** A replica that is listed and does not answer for so long has lost its sessions, as far as a client can tell. */
const LOST_MS = 60_000;

export interface PeersOptions {
  readonly settings: Settings & { readonly address: string };
  readonly port: () => number;
  readonly lookup: Lookup;
  readonly log: Log;
  readonly metrics: Metrics;
}

export class Peers {
  readonly #options: PeersOptions;
  readonly #addresses: PeerAddresses;
  readonly #forwarder: Forwarder;
  readonly #forwarded = new Map<string, Shares>();
  readonly #waiting = new Shares(MOST_WAITING);
  /** Those that take no connection: since when, and when that was tried last. */
  readonly #silent = new Map<string, { readonly since: number; readonly last: number }>();

  constructor(options: PeersOptions) {
    this.#options = options;
    const { settings: { address, peers }, lookup, log, metrics } = options;
    this.#addresses = new PeerAddresses({ peers, own: address, lookup, log });
    this.#forwarder = new Forwarder({ ...options, address });
    metrics.watch({ name: 'mcp_bridge_peers', help: 'Other replicas that are listed, as of when somebody needed them.', read: () => this.#addresses.listed.size });
  }

  /**
   * Whose request it is: of one that another replica passed on, whom that one says. Nobody else is believed, and all that
   * is gained is to be counted apart from others.
   */
  clientOf({ headers, socket }: IncomingMessage): string {
    const connected = clientOf(socket);
    const told = headers[MARK];
    const isPeer = this.#addresses.listed.has(canonical(socket.remoteAddress ?? ''));
    return typeof told === 'string' && isPeer ? told.slice(0, 64) : connected;
  }

  /** Has the replica answer whose session it is. Resolves to false when that is this one, or none. */
  async forward(request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const id = request.headers['mcp-session-id'];
    if (request.headers[MARK] !== undefined) {
      // By the time the next one comes it is known whose it is.
      void this.#addresses.look();
      return false;
    }
    if (typeof id !== 'string' || !isSessionId(id) || isOf(this.#options.settings.address, id)) return false;
    const client = clientOf(request.socket);
    const address = await this.#find(id, client, response);
    if (address === undefined) return false;
    if (typeof address === 'string') return await this.#send(request, response, { address, client });
    sendError(response, address);
    return true;
  }

  /** Ends what only waits, so that what is being answered can end. */
  stopListening(): void {
    this.#forwarder.stopListening();
  }

  stop(): void {
    this.#forwarder.stop();
  }

  /** The address of the replica, or why it cannot be told; undefined where there is none. */
  async #find(id: string, client: string, response: ServerResponse): Promise<string | HttpRefusal | undefined> {
    await this.#addresses.look();
    const found = this.#listed(id);
    if (found !== undefined) return found;
    const { unknown, isFixed, departed } = this.#addresses;
    if (unknown !== undefined) return this.#failed('lookup', 'The replica that has this session cannot be looked up: try again later.');
    if (isFixed || [...departed].some((address) => isOf(address, id))) return undefined;
    if (!this.#waiting.take(client, 1)) return this.#rejected('waiting');
    try {
      for (const end = performance.now() + NEWCOMER_MS; performance.now() < end && !response.closed;) {
        await delay(PAUSE_MS);
        await this.#addresses.look();
        const late = this.#listed(id);
        if (late !== undefined) return late;
      }
      return undefined;
    } finally {
      this.#waiting.giveBack(client, 1);
    }
  }

  #listed(id: string): string | undefined {
    return [...this.#addresses.listed].find((address) => isOf(address, id));
  }

  async #send(request: IncomingMessage, response: ServerResponse, hop: Hop): Promise<boolean> {
    const { address, client } = hop;
    if (response.closed) return true;
    if (!this.#takePlace(address, client, response)) {
      sendError(response, this.#rejected('forwarded'));
      return true;
    }
    if (await this.#forwarder.send(request, response, hop)) {
      this.#silent.delete(address);
      return true;
    }
    await this.#addresses.look();
    const isLost = this.#isLost(address, performance.now());
    this.#options.log.debug('another replica takes no connection', { address, isLost });
    if (isLost) return false;
    sendError(response, this.#failed('no connection', 'The replica that has this session cannot be reached: try again later.'));
    return true;
  }

  #isLost(address: string, now: number): boolean {
    const { listed } = this.#addresses;
    for (const [each, { last }] of this.#silent) if (!listed.has(each) || now - last > LOST_MS) this.#silent.delete(each);
    if (!listed.has(address)) return true;
    const { since } = this.#silent.get(address) ?? { since: now };
    this.#silent.set(address, { since, last: now });
    return now - since > LOST_MS;
  }

  #takePlace(address: string, client: string, response: ServerResponse): boolean {
    const shares = this.#forwarded.get(address) ?? new Shares(MOST_FORWARDED);
    if (!shares.take(client, 1)) return false;
    this.#forwarded.set(address, shares);
    response.once('close', () => {
      shares.giveBack(client, 1);
      if (shares.total === 0) this.#forwarded.delete(address);
    });
    return true;
  }

  #failed(why: 'lookup' | 'no connection', message: string): HttpRefusal {
    this.#options.metrics.count('mcp_bridge_forward_failures_total', why);
    return busy(message);
  }

  #rejected(bound: 'forwarded' | 'waiting'): HttpRefusal {
    this.#options.metrics.count('mcp_bridge_rejected_total', bound);
    return busy('Too many requests for sessions of other replicas are being answered: try again when some have ended.');
  }
}
