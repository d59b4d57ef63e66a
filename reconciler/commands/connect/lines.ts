// What `mcp-operator connect` says once it stands. Pure.
import { wrapped } from '../wrapped.ts';

/** The output in JSON. Every key is always there; new ones may be added. */
export interface ConnectionReport {
  readonly namespace: string;
  readonly name: string;
  /** Of the endpoint, on this machine. */
  readonly url: string;
  /** As most clients take it. */
  readonly configuration: object;
  /** Name of the server in it. */
  readonly entry: string;
  /** Whose file gets the entry; null where none does. */
  readonly client: { readonly name: string; readonly file: string } | null;
  /** Whether the server is known to want credentials, which are not in the configuration. */
  readonly needsCredentials: boolean;
  /** Whether the server speaks TLS with a certificate for the name of its Service. */
  readonly ownCertificate: boolean;
}

/** The lines for people; configuration and commands stand as they are to be copied. */
export function connectionLines(report: ConnectionReport): string {
  const { namespace, name, url, configuration, entry, needsCredentials, ownCertificate } = report;
  return [
    wrapped(`MCPServer ${namespace}/${name} is at ${url} until Ctrl-C.`),
    '',
    'MCP client configuration:',
    JSON.stringify(configuration, null, 2),
    '',
    'Or by a command:',
    `  claude mcp add --transport http ${entry} ${url}`,
    `  npx @modelcontextprotocol/inspector --cli ${url} --transport http --method tools/list`,
    ...(needsCredentials ? ['', wrapped('The server wants credentials. They are in no configuration here, for no Secret is read: add them as your client does it, such as "headers": {"Authorization": "Bearer TOKEN"}.')] : []),
    ...(ownCertificate ? ['', wrapped('The server speaks TLS with a certificate for the name of its Service: a client has to trust its authority, and to accept 127.0.0.1 in the place of that name.')] : []),
  ].join('\n');
}
