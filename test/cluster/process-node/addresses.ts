// The invented addresses of the node and its pods, and the loopback address behind each: 10.244.x.y is 127.<network>.x.y.

/** The node's own address; its log endpoint is on port 10250. */
export const NODE_ADDRESS = '10.244.255.254';

/** Hands out pod addresses. Two process nodes on one machine need different `network` numbers (1 to 255). */
export class Addresses {
  readonly #network: number;
  #last = 1;

  constructor(network: number) {
    this.#network = network;
  }

  /** An address no pod had lately. */
  next(): string {
    this.#last = (this.#last % 65_000) + 1;
    return `10.244.${this.#last >> 8}.${this.#last & 255}`;
  }

  /** Where an invented address can really be reached; undefined for any other. */
  loopback(address: string): string | undefined {
    return address.startsWith('10.244.') ? `127.${this.#network}.${address.slice('10.244.'.length)}` : undefined;
  }
}
