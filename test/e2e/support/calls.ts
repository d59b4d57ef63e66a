// A pod that keeps calling an MCP server, to show afterwards that not one call failed.
import { CLIENT_IMAGE } from './images.ts';
import { restrictedPod, type User } from './e2e.ts';

/** What it has counted. */
export interface Calls {
  readonly calls: number;
  /** When and why each failed. */
  readonly failures: readonly string[];
}

/** A caller at work. */
export interface Caller {
  /** Calls so far. */
  count(): Promise<number>;
  /** Ends it. */
  stop(): Promise<Calls>;
}

/** Starts a pod that calls `url` some 20 times a second, over a connection that stays and over new ones. */
export async function startCaller(user: User, namespace: string, url: string): Promise<Caller> {
  const pod = 'caller';
  await user.apply(restrictedPod(namespace, pod, { image: CLIENT_IMAGE, args: ['keep', url] }));
  await user.run(['-n', namespace, 'wait', `pod/${pod}`, '--for=condition=Ready', '--timeout=30s']);
  const lastLine = async (): Promise<Calls> => JSON.parse((await user.run(['-n', namespace, 'logs', pod, '--tail=1'])) || '{"calls":0}') as Calls;
  return {
    count: async () => (await lastLine()).calls,
    stop: async () => {
      await user.evaluate(namespace, pod, 'process.kill(1, "SIGTERM")');
      await user.run(['-n', namespace, 'wait', `pod/${pod}`, '--for=jsonpath={.status.phase}=Succeeded', '--timeout=20s']);
      const calls = await lastLine();
      await user.run(['-n', namespace, 'delete', 'pod', pod]);
      return calls;
    },
  };
}
