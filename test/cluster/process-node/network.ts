// The invented addresses of node and pods, and the loopback address behind each: 10.244.x.y is 127.<network>.x.y.

/** The node's own address; its log endpoint is on port 10250. */
export const NODE_ADDRESS = '10.244.255.254';

/** Where an invented address can really be reached on `network` (1 to 255). */
export function loopback(network: number, address: string): string {
  return address.replace(/^10\.244\./, `127.${network}.`);
}

/** The address of the n-th pod. */
export function podAddress(n: number): string {
  const host = 2 + (n % 65_000);
  return `10.244.${host >> 8}.${host & 255}`;
}
