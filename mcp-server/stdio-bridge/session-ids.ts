// Ids of sessions: random, and they say which replica has the session to whoever knows the replicas' addresses. Pure but for the chance.
import { createHash, randomBytes } from 'node:crypto';

const SHAPE = /^[0-9a-f]{16}\.[0-9a-f]{32}$/;

/** `<hash of the address>.<128 random bits>`. The random part salts the hash: ids tell neither an address, nor that they are of the same one. */
export function newSessionId(address: string): string {
  const random = randomBytes(16).toString('hex');
  return `${placeOf(address, random)}.${random}`;
}

/** Whether a text could be the id of a session. */
export function isSessionId(text: string): boolean {
  return SHAPE.test(text);
}

/** Whether the replica of an address gave this id, or somebody who knows that address invented it. */
export function isOf(address: string, id: string): boolean {
  const [place, random = ''] = id.split('.');
  return placeOf(address, random) === place;
}

function placeOf(address: string, random: string): string {
  return createHash('sha256').update(`${random} ${address}`).digest('hex').slice(0, 16);
}
