// What the options of `npm run images` share, whether they are about images of ours or of packages.
import { Option } from 'commander';

/** The options of all images, as commander reads them. */
export interface CommonFlags {
  readonly output: string;
  readonly target: readonly string[];
  readonly name: readonly string[];
  readonly tag?: string;
  readonly anyBaseVersions?: boolean;
  readonly updateBase?: boolean;
  readonly builder: string;
}

/** An option that may be repeated; `otherwise` says what is meant without it. */
export function repeatable(flags: string, text: string, otherwise = 'none'): Option {
  return new Option(flags, text).argParser((value: string, before: readonly string[]) => [...before, value]).default([], otherwise);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
