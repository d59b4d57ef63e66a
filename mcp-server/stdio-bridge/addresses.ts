// How addresses are spelled. Pure.
import { isIP } from 'node:net';

/** An address in the one spelling in which addresses are compared. */
export function canonical(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(plain) === 6 ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
}
