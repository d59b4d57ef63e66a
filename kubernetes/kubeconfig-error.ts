// The error of a kubeconfig, apart from what reads one: telling it from others must not load that.

/** A kubeconfig that was asked for cannot be used; the message names the file and what to do. */
export class KubeconfigError extends Error {
  constructor(files: readonly string[], problem: string, cause?: unknown) {
    super(`kubeconfig ${files.join(':')}: ${problem}`, { cause });
    this.name = 'KubeconfigError';
  }
}
