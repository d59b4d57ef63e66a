// Owns running the real kubectl.
import { execFile } from 'node:child_process';
import { dirname } from 'node:path';

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit code; -1 when a signal ended it. */
  readonly code: number;
}

export interface KubectlOptions {
  /** Written to its standard input. */
  readonly input?: string;
  readonly kubeconfig?: string;
  /** Default 60 s. */
  readonly timeoutMs?: number;
}

/** Runs the real kubectl with the given kubeconfig. Resolves whatever its exit code is. */
export function runKubectl(
  kubectl: string,
  args: readonly string[],
  options: KubectlOptions & { kubeconfig: string },
): Promise<CommandResult> {
  const env = { PATH: '/usr/bin:/bin', HOME: dirname(options.kubeconfig), KUBECONFIG: options.kubeconfig };
  const { promise, resolve } = Promise.withResolvers<CommandResult>();
  const limits = { env, timeout: options.timeoutMs ?? 60_000, maxBuffer: 64 * 1024 * 1024 };
  const child = execFile(kubectl, [...args], limits, (error, stdout, stderr) => {
    const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
    resolve({ stdout, stderr, code });
  });
  child.stdin?.end(options.input ?? '');
  return promise;
}
