// Which keys a cluster, a user and a context of a kubeconfig may have, and which of them exclude each other.
// The rules are those of client-go (tools/clientcmd/validation.go); keys that nobody knows are refused, where kubectl would overlook them.
import { z } from 'zod';
import { KubeconfigError } from '../kubeconfig-error.ts';
import { isAbsent, isObject } from './files.ts';
import type { Entry } from './files.ts';

const string = z.string().optional();
const boolean = z.boolean().optional();
/** Their contents are for other programs; one of them is for credential plugins. */
const extensions = z.array(z.looseObject({ name: z.string(), extension: z.unknown() })).optional();

const ClusterSchema = z.strictObject({
  server: z.string(),
  'certificate-authority': string,
  'certificate-authority-data': string,
  'insecure-skip-tls-verify': boolean,
  'tls-server-name': string,
  'proxy-url': string,
  /** Answers are never asked for compressed, so that both values are kept. */
  'disable-compression': boolean,
  extensions,
});

const ContextSchema = z.strictObject({
  cluster: z.string(),
  user: z.string(),
  namespace: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not the name of a namespace').optional(),
  extensions,
});

const ExecSchema = z.strictObject({
  command: z.string(),
  apiVersion: z.enum(['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1']),
  args: z.array(z.string()).optional(),
  env: z.array(z.strictObject({ name: z.string().min(1, 'is empty; name a variable'), value: z.string().default('') })).optional(),
  installHint: string,
  interactiveMode: z.enum(['Never', 'IfAvailable', 'Always']).optional(),
  provideClusterInfo: boolean,
});

const UserSchema = z.strictObject({
  'client-certificate': string,
  'client-certificate-data': string,
  'client-key': string,
  'client-key-data': string,
  token: string,
  tokenFile: string,
  username: string,
  password: string,
  as: string,
  'as-uid': string,
  'as-groups': z.array(z.string()).optional(),
  'as-user-extra': z.record(z.string(), z.array(z.string())).optional(),
  'auth-provider': z.strictObject({ name: z.string(), config: z.record(z.string(), z.string()).optional() }).optional(),
  exec: ExecSchema.optional(),
  extensions,
});

/** A cluster. Strings that are there are not empty, here and below. */
export type Cluster = z.infer<typeof ClusterSchema>;
export type Context = z.infer<typeof ContextSchema>;
export type User = z.infer<typeof UserSchema>;
export type Exec = z.infer<typeof ExecSchema>;

/** The checked cluster of an entry. Throws KubeconfigError. */
export function clusterOf(entry: Entry): Cluster {
  const cluster = parsed(ClusterSchema, entry);
  const both = 'certificate-authority-data and certificate-authority are both given; remove one';
  if (cluster['certificate-authority'] !== undefined && cluster['certificate-authority-data'] !== undefined) throw entryError(entry, both);
  if (cluster['insecure-skip-tls-verify'] && (cluster['certificate-authority'] ?? cluster['certificate-authority-data']) !== undefined) {
    throw entryError(entry, 'insecure-skip-tls-verify and a certificate-authority exclude each other; remove one');
  }
  return cluster;
}

/** The checked context of an entry. Throws KubeconfigError. */
export function contextOf(entry: Entry): Context {
  return parsed(ContextSchema, entry);
}

/** The checked user of an entry. Throws KubeconfigError. */
export function userOf(entry: Entry): User {
  const user = parsed(UserSchema, entry);
  const problem = conflictOf(user);
  if (problem !== undefined) throw entryError(entry, problem);
  return user;
}

/** Which key an error is about, and what anybody may be told of it. */
interface ErrorDetails {
  readonly path?: readonly PropertyKey[];
  readonly told?: string;
}

/** The error of an entry: which file, which entry, where, and the problem, which begins with the key. Quotes nothing, and no names. */
export function entryError(entry: Entry, problem: string, { path = [], told }: ErrorDetails = {}): KubeconfigError {
  const which = `${entry.title.startsWith('users') ? 'its credentials cannot be used: ' : ''}${entry.title}`;
  return new KubeconfigError([entry.file], `${which} (${entry.place(path)}): ${problem}`, { told });
}

/** What of a user contradicts itself or lacks its other half. */
function conflictOf(user: User): string | undefined {
  const has = (key: keyof User): boolean => user[key] !== undefined;
  const hasCertificate = has('client-certificate') || has('client-certificate-data');
  const hasKey = has('client-key') || has('client-key-data');
  const rules: readonly (readonly [boolean, string])[] = [
    [has('client-certificate') && has('client-certificate-data'), 'client-certificate-data and client-certificate are both given; remove one'],
    [has('client-key') && has('client-key-data'), 'client-key-data and client-key are both given; remove one'],
    [hasCertificate && !hasKey, 'client-certificate needs client-key or client-key-data; add it'],
    [hasKey && !hasCertificate, 'client-key needs client-certificate or client-certificate-data; add it'],
    [(has('token') || has('tokenFile')) && has('username'), 'username and a token are both given; remove one'],
    [has('password') && !has('username'), 'password needs username; add it'],
    [(has('as-uid') || has('as-groups') || has('as-user-extra')) && !has('as'), 'as-uid, as-groups and as-user-extra need as; name a user there'],
    [has('exec') && has('auth-provider'), 'exec and auth-provider are both given; remove one'],
    [(user['auth-provider']?.name ?? 'oidc') !== 'oidc', 'auth-provider is another than oidc, the one kubectl still has; use a credential plugin (exec)'],
  ];
  return rules.find(([broken]) => broken)?.[1] ?? unsendable(user) ?? (user.exec === undefined ? undefined : problemOfExec(user.exec));
}

function unsendable(user: User): string | undefined {
  const { token, as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': extra } = user;
  const values = { token, as, 'as-uid': uid, 'as-groups': groups, 'as-user-extra': Object.values(extra ?? {}).flat() };
  const key = Object.entries(values).find(([, value]) => [value ?? ''].flat().some((each) => !isSendable(each)))?.[0];
  return key === undefined ? undefined : `${key} holds a line break or another control character; remove it`;
}

/** Whether the header of a request can carry the text. */
export function isSendable(value: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return !/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value);
}

function problemOfExec({ apiVersion, interactiveMode }: Exec): string | undefined {
  if (interactiveMode === 'Always') return 'exec.interactiveMode is Always, but nobody is there to be asked; use Never or IfAvailable, or another kind of credentials';
  return interactiveMode === undefined && apiVersion.endsWith('/v1') ? 'exec.interactiveMode is missing; set Never or IfAvailable' : undefined;
}

function parsed<T>(schema: z.ZodType<T>, entry: Entry): T {
  const { success, data, error } = schema.safeParse(withoutAbsent(entry.value ?? {}));
  if (success) return data;
  const [issue] = error.issues;
  if (issue === undefined) throw entryError(entry, 'is not valid');
  const path = issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : issue.path;
  throw entryError(entry, sayIssue(issue), { path });
}

const YAML_WORDS: Readonly<Record<string, string>> = { array: 'list', object: 'mapping', record: 'mapping' };

/** Keys of these are anything. */
const OPEN = new Set<PropertyKey>(['as-user-extra', 'config', 'extension']);

/** Names the key, as far as a kubeconfig has one of that name, and what is expected; never says what stands there. */
function sayIssue(issue: z.core.$ZodIssue): string {
  const open = issue.path.findIndex((part) => OPEN.has(part));
  const path = issue.path.slice(0, open < 0 ? undefined : open + 1).join('.');
  const where = path === '' ? '' : `${path}: `;
  if (issue.code === 'unrecognized_keys') return `${where}nobody knows the key that stands there; correct or remove it`;
  if (issue.code === 'invalid_value') return `${path} must be ${issue.values.join(' or ')}`;
  if (issue.code === 'invalid_type') return `${path || 'it'} must be a ${YAML_WORDS[issue.expected] ?? issue.expected}`;
  return `${path} ${issue.message}`;
}

/** Kubernetes takes null and the empty string for a key that is not given. */
function withoutAbsent(value: unknown): unknown {
  if (!isObject(value)) return value;
  const given = Object.entries(value).filter(([, each]) => !isAbsent(each) && !(Array.isArray(each) && each.length === 0));
  return Object.fromEntries(given.map(([key, each]) => [key, key === 'exec' || key === 'auth-provider' ? withoutAbsent(each) : each]));
}
