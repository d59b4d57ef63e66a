// The one error type of the Kubernetes client, and questions asked of it.

/**
 * What went wrong, decided once at the edge. `Rejected` is a mistake in the request that the server reports as 500
 * (as server-side apply does for duplicate keys): like `Invalid` and `BadRequest`, repeating it cannot help.
 */
export type ApiErrorKind =
  | 'NotFound'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Gone'
  | 'Forbidden'
  | 'Unauthorized'
  | 'Invalid'
  | 'TooManyRequests'
  | 'Timeout'
  | 'Network'
  | 'Rejected'
  | 'Server'
  | 'BadRequest';

/** One entry of `details.causes` of the server's Status; of a message of more than 2000 characters both ends. */
export interface ApiErrorCause {
  readonly field?: string;
  readonly message: string;
  readonly reason?: string;
}

/** What an ApiError knows besides kind and message. */
export interface ApiErrorDetails {
  readonly status?: number | undefined;
  readonly reason?: string | undefined;
  readonly causes?: readonly ApiErrorCause[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
  readonly cause?: unknown;
}

/** A failed request. `status` is the HTTP status, absent when no answer came; `message` is one line fit for users. */
export class ApiError extends Error {
  readonly kind: ApiErrorKind;
  readonly status: number | undefined;
  readonly reason: string | undefined;
  readonly causes: readonly ApiErrorCause[];
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: ApiErrorKind, message: string, details: ApiErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ApiError';
    this.kind = kind;
    this.status = details.status;
    this.reason = details.reason;
    this.causes = details.causes ?? [];
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

/** Whether `error` is an ApiError of one of `kinds`; of any kind when none is given. */
export function isApiError(error: unknown, ...kinds: ApiErrorKind[]): error is ApiError {
  return error instanceof ApiError && (kinds.length === 0 || kinds.includes(error.kind));
}

const IMMUTABLE = /immutable|may not (?:be changed|change) once set|updates to .* are forbidden/i;

/** The fields the server refused to change, in its order, without repetition; empty when that was not the problem. */
export function immutableFields(error: unknown): string[] {
  if (!isApiError(error, 'Invalid')) return [];
  const fields = error.causes.filter((cause) => IMMUTABLE.test(cause.message)).map((cause) => cause.field ?? '');
  return [...new Set(fields.filter((field) => field !== ''))];
}
