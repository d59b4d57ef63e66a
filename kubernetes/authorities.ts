// Whom to trust besides a kubeconfig's own authority: SSL_CERT_FILE, as for kubectl and curl. NODE_EXTRA_CA_CERTS is Node's own affair.
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';

/** SSL_CERT_FILE cannot be used. */
export class AuthoritiesError extends Error {
  override readonly name = 'AuthoritiesError';
}

const MOST_BYTES = 4 * 1024 * 1024;

/**
 * The authorities in the file of SSL_CERT_FILE, which are trusted instead of the well-known ones, and those of NODE_EXTRA_CA_CERTS
 * with them; undefined where the variable is not set. Throws AuthoritiesError.
 */
export async function ownAuthorities(env: Readonly<Record<string, string | undefined>>): Promise<string | undefined> {
  const file = env['SSL_CERT_FILE'] ?? '';
  if (file === '') return undefined;
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new AuthoritiesError(`SSL_CERT_FILE names ${file}, which cannot be read (${error.code}): name a PEM file with certificates, or unset it`, { cause: error });
  });
  if (text.length > MOST_BYTES || !text.includes('-----BEGIN CERTIFICATE-----')) {
    throw new AuthoritiesError(`SSL_CERT_FILE names ${file}, which is no PEM file with certificates of 4 MiB at most: name one, or unset it`);
  }
  return [text, ...extra()].join('\n');
}

/** Node leaves them out where authorities are given; older versions cannot tell which they are. */
function extra(): readonly string[] {
  const { getCACertificates } = tls as { readonly getCACertificates?: (type: 'extra') => string[] };
  return getCACertificates?.('extra') ?? [];
}
