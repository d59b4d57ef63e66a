// A short hash by which two values are told apart.
import { createHash } from 'node:crypto';

/** The first hexadecimal digits of the SHA-256 of a value's JSON; the order of its fields counts. */
export function fingerprint(value: unknown, digits = 16): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, digits);
}
