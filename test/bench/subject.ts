// What a benchmark is: a name, and rows of a table with the same columns each.

export interface BenchOptions {
  /** Whose operator is measured. */
  readonly checkout: string;
  /** How many MCPServers, where it is for the user to say. */
  readonly servers?: number | undefined;
  /** Folder of a control plane that stays, with all it has. */
  readonly data?: string | undefined;
  /** How many reconciles, where it is for the user to say. */
  readonly reconciles?: number | undefined;
  /** How many the operator works on at a time; default: what it chooses. */
  readonly workers?: number | undefined;
  /** Command of another operator that serves the same CRD. */
  readonly against?: string | undefined;
  /** Folder for CPU profiles of the operators, where they are wanted. */
  readonly profile?: string | undefined;
}

export interface Subject {
  /** Names its file in build/bench/. */
  readonly name: string;
  readonly title: string;
  readonly run: (progress: (line: string) => void, options: BenchOptions) => Promise<Readonly<Record<string, string | number>>[]>;
}
