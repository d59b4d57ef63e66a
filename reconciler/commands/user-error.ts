// Tells a user's mistake, which is one sentence, from a defect, which keeps its stack trace.
// Whoever knows of a mistake throws one of its types; all else is a defect.
import { InvalidMCPServerError } from '../../charts/api/mcpserver.ts';
import { AuthoritiesError } from '../../kubernetes/authorities.ts';
import { NoCredentialsError } from '../../kubernetes/connect.ts';
import { KubeconfigError } from '../../kubernetes/kubeconfig-error.ts';
import { ProxyError } from '../../kubernetes/proxy.ts';
import { ListenError } from '../runtime/http-endpoints.ts';

/** Something a user can mend; the message is one sentence that says what is wrong and what to do. */
export class UserError extends Error {
  override readonly name = 'UserError';
}

const MISTAKES = [
  UserError, NoCredentialsError, KubeconfigError, ProxyError, AuthoritiesError, ListenError, InvalidMCPServerError,
] as const;

/** Whether the message of an error is all a user needs. */
export function isUserError(error: unknown): error is Error {
  return MISTAKES.some((mistake) => error instanceof mistake);
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'a part of its path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'that is not permitted',
  EPERM: 'that is not permitted',
  ELOOP: 'its symbolic links lead in a circle',
  ENAMETOOLONG: 'the name is too long',
  ENOSPC: 'no space is left on the device',
  EPIPE: 'it was closed before all was written',
  ERR_FS_FILE_TOO_LARGE: 'it is too large',
  ERR_STRING_TOO_LONG: 'it is too large',
};

/** What the system says of a file or stream that cannot be used, in words. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return REASONS[code] ?? message;
}
