// What a benchmark is: a name, and rows of a table with the same columns each.

export interface BenchOptions {
  /** Whose operator is measured. */
  readonly checkout: string;
}

export interface Subject {
  /** Names its file in build/bench/. */
  readonly name: string;
  readonly title: string;
  readonly run: (progress: (line: string) => void, options: BenchOptions) => Promise<Readonly<Record<string, string | number>>[]>;
}
