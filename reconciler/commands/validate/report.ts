// The verdict about MCPServers in files, for people, for programs, and for the pages of a review. Pure.
import type { Finding, Verdict } from './judge.ts';

/** Values of -o. */
export const FORMATS = ['text', 'json', 'github'] as const;

/** What standard output gets. */
export function reportOf(verdict: Verdict, format: (typeof FORMATS)[number]): string {
  if (format === 'json') return `${JSON.stringify(verdict, null, 2)}\n`;
  if (format === 'github') return verdict.findings.map((finding) => `${annotation(finding)}\n`).join('');
  return [...verdict.findings.map(lineOf), summaryOf(verdict), ''].join('\n');
}

/** Where editors and terminals make a link of it. */
function lineOf(finding: Finding): string {
  const { severity, file, line, server } = finding;
  const who = server === null ? '' : `MCPServer ${server}: `;
  return `${file}:${line}: ${severity}: ${who}${textOf(finding)}`;
}

function textOf({ field, message }: Finding): string {
  return field === null ? message : `${field}: ${message}`;
}

function summaryOf({ valid, servers, files, findings }: Verdict): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const where = `${counted(servers, 'MCPServer')} in ${counted(files, 'file')}`;
  return valid ? `${where}: valid` : `${where}: ${counted(errors, 'mistake')}`;
}

function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}

/** A workflow command of GitHub Actions, which becomes a comment beside the line. */
function annotation(finding: Finding): string {
  const { severity, file, line, server } = finding;
  const title = server === null ? '' : `,title=${property(`MCPServer ${server}`)}`;
  return `::${severity} file=${property(file)},line=${line}${title}::${data(textOf(finding))}`;
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
