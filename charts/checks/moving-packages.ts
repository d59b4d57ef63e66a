// Commands that start a package without an exact version, so that nobody knows which program the next pod runs.
import type { ResolvedSpec } from '../api/spec.ts';
import { movingPackages, packageCommand } from '../package-command.ts';

/** One sentence that names the packages, and what to do; undefined without one. For a condition: nothing is refused. */
export function movingPackageMessage({ command = [], args = [] }: ResolvedSpec): string | undefined {
  const all = [...command, ...args];
  const packages = movingPackages(all);
  const example = packageCommand(all)?.by === 'npm' ? 'PACKAGE@1.2.3' : 'PACKAGE==1.2.3';
  if (packages.length === 0) return undefined;
  return `The command names no exact version of ${packages.join(' and ')}, so each start may be of another program: write it as ${example}.`;
}
