// Bounds the interim answers (1xx, RFC 9110 §15.2) that may come before an answer: Node reads them for as long as they come.
import type { ClientRequest } from 'node:http';

/** Servers send one or two, if any. */
const MOST_INTERIM = 16;

/** Why a request was given up; its `code` is `ERR_TOO_MANY_INTERIM`. */
export class InterimError extends Error {
  override readonly name = 'InterimError';
  readonly code = 'ERR_TOO_MANY_INTERIM';
}

/** Ends the request with an InterimError when more than 16 interim answers come. */
export function boundInterim(request: ClientRequest): void {
  let count = 0;
  request.on('information', () => {
    count += 1;
    if (count > MOST_INTERIM) request.destroy(new InterimError(`more than ${MOST_INTERIM} interim answers (1xx) came before the answer`));
  });
}
