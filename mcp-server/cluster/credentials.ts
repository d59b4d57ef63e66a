// Finds the credentials of the Kubernetes MCP server, and says what to do where there are none: in a pod that is something else.
import type { Connection } from '../../kubernetes/connection.ts';
import { connect, NoCredentialsError, type ConnectOptions } from '../../kubernetes/connect.ts';

const IN_A_POD =
  'no Kubernetes credentials: this pod mounts no service account token. In the MCPServer, name an account that mounts its token as serviceAccount, ' +
  'or set automountServiceAccountToken: true, and bind a Role to the account: examples/kubernetes-mcp-server.yaml has all of it';

/** As `connect`; in a pod without a token the error says what its MCPServer lacks. */
export async function connectAsServer(options: ConnectOptions): Promise<Connection> {
  try {
    return await connect(options);
  } catch (error) {
    const isNothingGiven = error instanceof NoCredentialsError && error.message === new NoCredentialsError().message;
    throw isNothingGiven && isPod(options.env) ? new NoCredentialsError(IN_A_POD, IN_A_POD) : error;
  }
}

/** The kubelet sets the one, and the operator the other. */
function isPod(env: ConnectOptions['env']): boolean {
  return ['KUBERNETES_SERVICE_HOST', 'POD_NAME'].some((name) => (env[name] ?? '') !== '');
}
