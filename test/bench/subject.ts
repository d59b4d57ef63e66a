// What a benchmark is: a name, and rows of a table with the same columns each.

export interface Subject {
  /** Names its file in build/bench/. */
  readonly name: string;
  readonly title: string;
  readonly run: (progress: (line: string) => void) => Promise<Readonly<Record<string, string | number>>[]>;
}
