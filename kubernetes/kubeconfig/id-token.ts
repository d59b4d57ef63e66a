// The id-token of an `auth-provider` named oidc, the one provider that kubectl still has.
import { entryError, userOf } from './entries.ts';
import type { User } from './entries.ts';
import { readKubeconfigs } from './files.ts';
import type { Entry } from './files.ts';

type Provider = NonNullable<User['auth-provider']>;

/** A token that ends within this time counts as ended, as in client-go. */
const LEEWAY_MS = 10_000;

/**
 * Asks for the Authorization header of the provider's id-token. One that ended is looked for in its file again, where kubectl writes the
 * next: only kubectl trades the refresh-token, which most issuers take once. Throws and rejects with KubeconfigError.
 */
export async function idToken(entry: Entry, provider: Provider): Promise<() => Promise<string>> {
  let token = tokenOf(entry, provider);
  const current = async (): Promise<string> => {
    if (hasEnded(token)) token = await readAgain(entry);
    if (hasEnded(token)) throw entryError(entry, 'the id-token of auth-provider has ended; let kubectl renew it, or use a credential plugin (exec)');
    return `Bearer ${token}`;
  };
  await current();
  return current;
}

async function readAgain(entry: Entry): Promise<string> {
  const again = (await readKubeconfigs([entry.file])).users.get(entry.name) ?? { ...entry, value: {} };
  return tokenOf(again, userOf(again)['auth-provider']);
}

function tokenOf(entry: Entry, provider: Provider | undefined): string {
  const token = provider?.config?.['id-token'] ?? '';
  if (endOf(token) === undefined) throw entryError(entry, 'auth-provider has no id-token that is one; log in again with what made the kubeconfig');
  return token;
}

function hasEnded(token: string): boolean {
  return (endOf(token) ?? 0) - LEEWAY_MS <= Date.now();
}

/** When a JSON Web Token ends, in milliseconds since 1970; undefined for what is none. */
function endOf(token: string): number | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || !/^[\w.-]+$/.test(token)) return undefined;
  try {
    const { exp } = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8')) as { exp?: unknown };
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}
