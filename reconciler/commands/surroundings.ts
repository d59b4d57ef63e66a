// What the process hands to its command: the only way to arguments, environment and signals.

/** The process a command runs in. */
export interface Surroundings {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts, with the signal's name as reason, when the process is asked to end. */
  readonly stop: AbortSignal;
  /** Ends the process at once, as the signal would have. */
  readonly die: (signal: NodeJS.Signals) => never;
}
