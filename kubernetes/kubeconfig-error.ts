// The error of a kubeconfig, apart from what reads one: telling it from others must not load that.

/** What else is known of a kubeconfig that cannot be used. */
export interface KubeconfigErrorDetails {
  readonly cause?: unknown;
  /** The problem in words for anybody: they name no file. Absent where there are none. */
  readonly told?: string | undefined;
}

/** A kubeconfig that was asked for cannot be used; the message names the file, where in it, and what to do, and quotes nothing of it. */
export class KubeconfigError extends Error {
  readonly told: string | undefined;

  constructor(files: readonly string[], problem: string, { cause, told }: KubeconfigErrorDetails = {}) {
    super(`kubeconfig ${files.join(':')}: ${problem}`, { cause });
    this.name = 'KubeconfigError';
    this.told = told;
  }
}
