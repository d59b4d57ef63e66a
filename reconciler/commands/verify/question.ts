// What a user asks `mcp-operator verify` for: URL, headers, names and trust, each refused with a sentence where it can be none.
// A sentence never repeats a value of a header.
import { X509Certificate } from 'node:crypto';
import { isTakenHeader } from '../../../charts/api/verification-rules.ts';
import { isHeaderValue } from '../../verification/secured-exchange.ts';
import type { Surroundings } from '../surroundings.ts';
import { UserError } from '../user-error.ts';
import { readSome } from './read-some.ts';

/** Flags of the command, as they were given. */
export interface QuestionFlags {
  readonly header?: readonly string[] | undefined;
  readonly host?: string | undefined;
  readonly ca?: string | undefined;
}

/** Where values are read from. */
type Source = Pick<Surroundings, 'stdin'>;

/** What is asked, and how. */
export interface Question {
  readonly url: URL;
  /** Host header; a certificate must be for the name in it. */
  readonly host: string;
  /** Headers the user adds, with lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM. Default: the authorities of the program. */
  readonly ca?: string | undefined;
}

const STANDARD_INPUT = '@-';
const NAME = /^[-A-Za-z0-9_]{1,128}$/;
const HOST = /^([A-Za-z0-9]([-A-Za-z0-9_.]{0,252})|\[[0-9A-Fa-f:.]{2,45}\])(:\d{1,5})?$/;
const CERTIFICATES = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;
const MOST_HEADERS = 32;
const MOST_HEADER_BYTES = 16 * 1024;
const MOST_CA_BYTES = 4 * 1024 * 1024;

/** Reads what the flags name. Throws UserError. */
export async function questionOf(text: string, flags: QuestionFlags, source: Source): Promise<Question> {
  const { header = [] } = flags;
  const url = parseUrl(text, { quote: header.length === 0 });
  if (flags.ca !== undefined && url.protocol === 'http:') throw new UserError('--ca has no use with an http URL, where nobody shows a certificate: give an https URL, or leave it out');
  const ca = flags.ca === undefined ? undefined : await readAuthorities(flags.ca, source);
  const { headers, host = url.host } = await questionAbout(flags, source);
  return { url, host, headers, ca };
}

/** The same of a server that is asked by its name. Throws UserError. */
export async function questionAbout(
  { host, header = [] }: QuestionFlags,
  source: Source,
): Promise<Pick<Question, 'headers'> & Pick<QuestionFlags, 'host'>> {
  if (host !== undefined && !HOST.test(host)) throw new UserError('--host is no Host header; give a name, with a port where clients name one, such as tools.team-a.svc.cluster.local:8080');
  return { host, headers: await readHeaders(header, source) };
}

/** Unless `quote`, the text may be a header's value that lost its quotes. */
function parseUrl(text: string, { quote }: { readonly quote: boolean }): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && (url.username !== '' || url.password !== '')) {
    throw new UserError("credentials in the URL are not sent; leave them out, and give --header 'Authorization: @FILE' where the server asks for some");
  }
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) {
    throw new UserError(`${quote ? `"${text}"` : 'what was given as URL'} is no http or https URL; give one such as http://localhost:3001/mcp`);
  }
  return url;
}

async function readHeaders(given: readonly string[], source: Source): Promise<Record<string, string>> {
  if (given.length > MOST_HEADERS) throw new UserError(`--header may be given ${MOST_HEADERS} times`);
  if (given.filter((each) => valueIn(each) === STANDARD_INPUT).length > 1) throw new UserError('standard input can hold one value: only one --header can have @-');
  const headers: Record<string, string> = {};
  for (const each of given) {
    const name = nameIn(each);
    const key = name.toLowerCase();
    if (Object.hasOwn(headers, key)) throw new UserError(`--header ${name} is there twice: give it once`);
    headers[key] = await readValue(name, valueIn(each), source);
  }
  return headers;
}

function nameIn(text: string): string {
  const colon = text.indexOf(':');
  const name = text.slice(0, Math.max(colon, 0)).trim();
  if (colon < 1 || !NAME.test(name)) throw new UserError("--header must be 'Name: value', 'Name: @FILE' or 'Name: @-', with letters, digits, - and _ in the name");
  if (isTakenHeader(name)) throw new UserError(`--header ${name}: it cannot be one that the handshake sets itself, or that a proxy acts on, such as Host, Connection, Impersonate-User or X-Forwarded-For`);
  return name;
}

function valueIn(text: string): string {
  return text.slice(text.indexOf(':') + 1).trim();
}

async function readValue(name: string, given: string, source: Source): Promise<string> {
  const from = given === STANDARD_INPUT ? 'standard input' : given.slice(1);
  const isRead = given.startsWith('@');
  const value = isRead ? (await readSome(given.slice(1), { most: MOST_HEADER_BYTES, what: `the value of --header ${name}`, ...source })).trim() : given;
  if (value.length <= MOST_HEADER_BYTES && isHeaderValue(value)) return value;
  throw new UserError(`--header ${name}: ${isRead ? `what ${from} holds` : 'what was given'} is no header value: it must be one line of printable ASCII, such as "Bearer TOKEN"`);
}

async function readAuthorities(file: string, source: Source): Promise<string> {
  const text = await readSome(file, { most: MOST_CA_BYTES, what: 'the certificates of --ca', ...source });
  const certificates = text.match(CERTIFICATES) ?? [];
  const wanted = 'give certificates in PEM, which begin with -----BEGIN CERTIFICATE-----';
  if (text.trim() === '') throw new UserError(`--ca: ${file} is empty; ${wanted}`);
  if (certificates.length === 0) throw new UserError(`--ca: ${file} has no certificate in PEM; ${wanted}`);
  certificates.forEach((certificate, index) => {
    if (!isCertificate(certificate)) throw new UserError(`--ca: certificate ${index + 1} of ${certificates.length} in ${file} is damaged; ${wanted}`);
  });
  return certificates.join('\n');
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
