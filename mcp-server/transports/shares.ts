// Something there is only so much of, shared between clients: none may hold more than is still free for the others.
import { isIPv6, type Socket } from 'node:net';

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
  const address = remoteAddress.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIPv6(address) ? networkOf(address) : address;
}

function groupsOf(text: string): string[] {
  return text.split(':').filter((group) => group !== '');
}

/** The first 56 of an address's 128 bits, in one spelling. */
function networkOf(address: string): string {
  const [head = '', tail] = address.split('::');
  const before = groupsOf(head);
  const left = Array.from({ length: 8 - before.length - groupsOf(tail ?? '').length }, () => '0');
  const words = [...before, ...left, ...groupsOf(tail ?? '')].slice(0, 4).map((group) => Number.parseInt(group, 16));
  return `${words.map((word, index) => (index === 3 ? word & 0xff00 : word).toString(16)).join(':')}::/56`;
}
