// The flags of every command that reads MCPServers from files.
import type { Command } from 'commander';
import { repeated } from '../options.ts';

/** The flags that `fileFlags` adds. */
export interface FileFlags {
  readonly filename: readonly string[];
  readonly recursive?: boolean | undefined;
}

/** Adds -f, which may be repeated, and -R. */
export function fileFlags(command: Command): Command {
  return command
    .requiredOption('-f, --filename <file>', 'file with MCPServers, folder of such files, https URL, or - for standard input; may be repeated', repeated((value) => value))
    .option('-R, --recursive', 'read the folders below a folder, too');
}
