// Something there is only so much of, shared between clients: none may hold more than is still free for the others.
import type { Socket } from 'node:net';
import { ipKeyGenerator } from 'express-rate-limit';

/** So much of something. One client alone gets half of it, the next a quarter, and so on, so that a newcomer finds some while few hold the most they can. */
export class Shares {
  readonly #most: number;
  readonly #held = new Map<string, number>();
  #total = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** How much all hold together; never more than there is. */
  get total(): number {
    return this.#total;
  }

  heldBy(client: string): number {
    return this.#held.get(client) ?? 0;
  }

  /** Takes so much for a client. False, and nothing is taken, when it would hold more than was free before. */
  take(client: string, amount: number): boolean {
    const held = this.heldBy(client) + amount;
    if (held > this.#most - this.#total) return false;
    this.#held.set(client, held);
    this.#total += amount;
    return true;
  }

  giveBack(client: string, amount: number): void {
    const left = this.heldBy(client) - amount;
    if (left > 0) this.#held.set(client, left);
    else this.#held.delete(client);
    this.#total -= amount;
  }
}

/** Whose connection it is: an address, of IPv6 the /56 network, as the rate limit counts. */
export function clientOf({ remoteAddress = '' }: Pick<Socket, 'remoteAddress'>): string {
  return ipKeyGenerator(remoteAddress.replace(/^::ffff:(?=\d+\.)/i, ''));
}
