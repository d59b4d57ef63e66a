// What npm and uv say when a package cannot be had, as one sentence. Pure.
import { PackageError } from './package-error.ts';
import type { Outcome } from './run.ts';

/** What is known where something fails. */
export interface Failure {
  /** The package that was asked for, as its user wrote it. */
  readonly of: string;
  readonly outcome: Pick<Outcome, 'stderr' | 'hung' | 'missing'>;
}

/** The package itself, or that version of it, is not there: the registry may know others. */
export class NotFoundError extends PackageError {
  readonly what: 'package' | 'version';

  constructor(message: string, what: 'package' | 'version') {
    super(message);
    this.what = what;
  }
}

const MAX_WORDS = 400;

/** Why npm failed. */
export function npmFailure({ of, outcome: { stderr, hung, missing } }: Failure): PackageError {
  if (missing) return new PackageError('npm is missing, which installs packages of npm: install it');
  if (hung) return new PackageError(`npm did not get ${of} in five minutes: is the registry of npm config get registry reachable?`);
  const lines = stderr.split('\n').flatMap((line) => /^npm (?:error|ERR!) ?(.*)/.exec(line)?.[1] ?? []);
  const code = /^code (\S+)/.exec(lines[0] ?? '')?.[1] ?? '';
  const text = lines.slice(1).map((line) => line.replace(/^(?:404|notarget|enoent|network)\s*/, '')).filter((line) => line !== '' && !/complete log|^\s+at /.test(line));
  const all = text.join(' ');
  if (code === 'E404') {
    const lost = /'(@?[^'@]+)(?:@[^']*)?' (?:could not be found|is not in)/.exec(all)?.[1] ?? /Not Found - GET \S*\/(\S+)/.exec(all)?.[1]?.replace(/%2f/i, '/') ?? '';
    return isOf(lost, of)
      ? new NotFoundError(`the registry has no package ${lost}: is its name right? npm search knows more`, 'package')
      : new PackageError(`${of} needs ${lost || 'a package'}, which the registry does not have`);
  }
  if (code === 'ETARGET') {
    const wanted = /No matching version found for (\S+)\./.exec(all)?.[1] ?? of;
    return wanted === of ? new NotFoundError(`the registry has no ${of}`, 'version') : new PackageError(`${of} needs ${wanted}, a version that the registry does not have`);
  }
  const refused = /Refusing to fetch "([^"]+)"/.exec(all)?.[1];
  if (refused !== undefined) return new PackageError(`${of} needs ${refused}, which comes from no registry, so that nothing says which bytes it has: it is not packed`);
  if (code === 'EINTEGRITY') return new PackageError(`npm got other bytes than the lockfile says: ${cut(all)}`);
  if (code === 'EUSAGE') return new PackageError(`the lockfile is not one of ${of}: make one by leaving out --lock`);
  const reason = /request to (\S+) failed, reason: (.*?)(?: {2}|$)/.exec(all);
  if (reason !== null) return new PackageError(`npm cannot reach its registry: ${new URL(reason[1] ?? '').origin} says ${reason[2]}`);
  return new PackageError(`npm does not get ${of}: ${cut(all) || `it ended with ${code || 'an error'}`}`);
}

function isOf(lost: string, of: string): boolean {
  return lost !== '' && of.startsWith(`${lost}@`);
}

/** Why uv failed. `forWhat` names the architecture where it matters. */
export function uvFailure({ of, outcome: { stderr, hung, missing } }: Failure, forWhat = ''): PackageError {
  if (missing) return new PackageError('uv cannot be started on this machine: images of Python packages are made on Linux');
  if (hung) return new PackageError(`uv did not get ${of} in five minutes: is the index reachable?`);
  const [explained = '', ...hints] = stderr.split(/\n\s*\n/);
  const causes = explained.split('\n').map((line) => line.replace(/^\s*(?:error|cause):\s*|^\s*[×╰─▶│]+\s*/, '').trim()).filter((line) => line !== '' && !/^warning:|^Using |^Resolved |^No solution found/.test(line));
  const all = causes.join(': ').replace(/^Because /, '').replaceAll(/,? (?:and you require [^,]*?)?,? we can conclude that (?:your requirements are unsatisfiable|all versions of \S+ cannot be used)\.?/g, '').replaceAll(/ and you require [^,]*$/g, '');
  const [name = ''] = /^[^=[]+/.exec(of) ?? [];
  if (new RegExp(`^${escaped(name)} was not found in the package registry`, 'i').test(all)) return new NotFoundError(`the index has no package ${name}: is its name right?`, 'package');
  if (new RegExp(`^there is no version of ${escaped(of)}$`, 'i').test(all)) return new NotFoundError(`the index has no ${of}`, 'version');
  if (/does not satisfy Python|depends on Python|requires Python/.test(all)) return new PackageError(`${of} needs another Python than 3.11, which the image has: ${cut(all)}`);
  const noWheel = /^(\S+?)(?:==\S+)? has no (?:usable )?wheels/.exec(all);
  if (noWheel !== null || /no wheels with a matching|wheels are required|no compatible wheel/i.test(stderr)) {
    const hint = hints.find((each) => /wheels? /.test(each))?.replace(/^\s*hint:/, ';') ?? '';
    return new PackageError(`${of} needs a package that comes without a wheel${forWhat}, and nothing is built here: ${cut(all)}${cut(hint)}`);
  }
  return new PackageError(`uv does not get ${of}${forWhat}: ${cut(all) || 'it does not say why'}`);
}

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function cut(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length <= MAX_WORDS ? line : `${line.slice(0, MAX_WORDS)}…`;
}
