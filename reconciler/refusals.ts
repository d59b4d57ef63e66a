// What an error of the API server means for an MCPServer: an obstacle its status names, or something to try again. Pure.
import { immutableFields, isApiError } from '../kubernetes/errors.ts';
import type { Obstacle } from './situation.ts';

/**
 * The obstacle behind a failed apply or delete; undefined when the error says nothing about the MCPServer and trying
 * again is the answer.
 */
export function refusal(error: unknown): Obstacle | undefined {
  const fields = immutableFields(error);
  // A namesake of the child appeared: look again.
  if (fields.includes('metadata.uid')) return undefined;
  if (fields.length > 0 && isApiError(error)) {
    const message = `The API server cannot change ${fields.join(', ')} of an existing object (${error.message}). Delete that object, and it is created anew.`;
    return { reason: 'ImmutableField', message, stalled: true };
  }
  if (isApiError(error, 'Invalid', 'Rejected', 'BadRequest')) {
    return { reason: 'InvalidSpec', message: `The API server refuses what the spec leads to: ${error.message}`, stalled: true };
  }
  if (isApiError(error, 'Forbidden')) {
    const { message } = error;
    const passes = /is being terminated|exceeded quota/.test(message);
    return passes ? { reason: 'Refused', message, stalled: false } : { reason: 'Forbidden', message, stalled: true };
  }
  // Whoever reads the status can do something about it, and nobody else would tell.
  if (isApiError(error, 'Server') && error.message.includes('failed calling webhook')) return { reason: 'Refused', message: error.message, stalled: false };
  return undefined;
}
