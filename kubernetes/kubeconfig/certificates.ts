// Certificates of a kubeconfig: read, checked before they are used, and read again when their files change.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { ClientCertificate } from '../connection.ts';
import { entryError } from './entries.ts';
import type { Cluster, User } from './entries.ts';
import { codeOf } from './files.ts';
import type { Entry } from './files.ts';

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** The path that an entry names, relative to the file the entry stands in. */
export function pathOf(entry: Entry, path: string): string {
  return resolve(dirname(entry.file), path);
}

/** The certificates that the server's is checked against; undefined for those that Node trusts. Throws KubeconfigError. */
export async function certificateAuthority(entry: Entry, cluster: Cluster): Promise<Buffer | undefined> {
  const { 'certificate-authority': path, 'certificate-authority-data': data } = cluster;
  if (path === undefined && data === undefined) return undefined;
  const key = path === undefined ? 'certificate-authority-data' : 'certificate-authority';
  const refuse = (problem: string): never => {
    throw entryError(entry, `its credentials cannot be used: ${key} ${problem}`, { path: [key] });
  };
  const unreadable = (error: Error): never => refuse(`cannot be read: ${codeOf(error)}`);
  const pem = path === undefined ? Buffer.from(data ?? '', 'base64') : await readFile(pathOf(entry, path)).catch(unreadable);
  const blocks = pem.toString('latin1').match(BLOCK) ?? [];
  if (!blocks.some((block) => certificateOf(block) !== undefined)) refuse('holds no certificate; give one in PEM');
  return pem;
}

/** Asks for a user's own certificate; undefined when the kubeconfig names none. Rejects with KubeconfigError when there never was a usable one. */
export async function clientCertificate(entry: Entry, user: User): Promise<(() => Promise<ClientCertificate>) | undefined> {
  const { 'client-certificate': certFile, 'client-certificate-data': certData, 'client-key': keyFile, 'client-key-data': keyData } = user;
  if (certFile === undefined && certData === undefined) return undefined;
  const parts: readonly Part[] = [
    { key: 'client-certificate', file: certFile && pathOf(entry, certFile), data: certData },
    { key: 'client-key', file: keyFile && pathOf(entry, keyFile), data: keyData },
  ];
  let known = await load(entry, parts);
  return async () => {
    // A half written pair, or one that cannot be read for a moment, leaves the one before in use, as client-go does.
    if ((await versionOf(parts).catch(() => known.version)) !== known.version) known = await load(entry, parts).catch(() => known);
    return known.certificate;
  };
}

interface Part {
  readonly key: string;
  readonly file: string | undefined;
  /** Base64. */
  readonly data: string | undefined;
}

async function load(entry: Entry, parts: readonly Part[]): Promise<{ readonly version: string; readonly certificate: ClientCertificate }> {
  const version = await versionOf(parts).catch(() => '');
  const [cert = '', key = ''] = await Promise.all(parts.map((part) => readPart(entry, part)));
  const problem = problemOfPair({ cert, key });
  if (problem !== undefined) throw entryError(entry, `client-certificate or client-key: ${problem}; give a pair in PEM`);
  return { version, certificate: { cert, key } };
}

async function readPart(entry: Entry, { key, file, data = '' }: Part): Promise<string> {
  if (file === undefined) return Buffer.from(data, 'base64').toString('utf8');
  return readFile(file, 'utf8').catch((error: Error) => {
    throw entryError(entry, `${key} cannot be read: ${codeOf(error)}`, { path: [key] });
  });
}

async function versionOf(parts: readonly Part[]): Promise<string> {
  const files = parts.map(({ file }) => file).filter((file) => file !== undefined);
  const stats = await Promise.all(files.map((file) => stat(file)));
  return stats.map(({ mtimeMs, ino, size }) => `${mtimeMs}/${ino}/${size}`).join(' ');
}

/** Why no TLS connection can be made with the pair. Quotes neither. */
export function problemOfPair({ cert, key }: ClientCertificate): string | undefined {
  const certificate = certificateOf(cert);
  if (certificate === undefined) return 'the certificate is none';
  try {
    return certificate.checkPrivateKey(createPrivateKey(key)) ? undefined : 'the key belongs to another certificate';
  } catch {
    return 'the key is none, or asks for a passphrase';
  }
}

/** When the certificate ends, in milliseconds since 1970. */
export function endOf(cert: string): number {
  return Date.parse(certificateOf(cert)?.validTo ?? '');
}

function certificateOf(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
