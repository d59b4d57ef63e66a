// What MCP clients have to be told of an MCPServer, ready to paste. Pure.
import { InvalidMCPServerError, resolveSpec } from '../../../charts/api/mcpserver.ts';
import type { ResolvedSpec } from '../../../charts/api/spec.ts';
import { servesHttp } from '../../../charts/server.ts';
import { plain } from '../../../kubernetes/text.ts';
import type { MCPServerObject } from '../../kinds.ts';
import { conditionOf } from '../../status/conditions.ts';
import { CLIENT_NAMES, CLIENTS, usualConfiguration, type Place } from '../connect/clients.ts';
import { commandLineOf, type ClusterFlags } from './lines.ts';
import type { Connections, ToldClient } from './told.ts';

/** Where the clients are, and which cluster is shown. */
export interface Connecting {
  readonly place: Place;
  readonly flags: ClusterFlags;
}

const LONGEST_URL = 2048;
const NONE = { lines: [], here: [], inside: [], notes: [] };

/** How it is reached from this machine and from inside the cluster. */
export function connectionsOf(server: MCPServerObject, { place, flags }: Connecting): Connections {
  const { metadata: { namespace, name }, status } = server;
  const spec = specOf(server);
  if (spec === undefined) return { ...NONE, problem: 'Its spec breaks a rule, so it is not known where it serves.' };
  if (!servesHttp(spec)) return { ...NONE, problem: 'It speaks stdio and names no command, so nothing outside its pod can reach it: set spec.command.' };
  const isPlain = spec.tls === undefined;
  const here = `${isPlain ? 'http' : 'https'}://127.0.0.1:${spec.port}${plain(spec.path, LONGEST_URL)}`;
  const inside = status?.endpoint === undefined ? undefined : plain(status.endpoint, LONGEST_URL);
  const connect = ['mcp-operator', 'connect', name, '-n', namespace, '--port', String(spec.port)];
  return {
    problem: null,
    lines: [
      { what: 'Make it reachable from this machine, until Ctrl-C', command: commandLineOf(connect, flags) },
      { what: 'Add it to Claude Code', command: commandLineOf(['claude', 'mcp', 'add', '--transport', 'http', name, here], {}) },
      { what: 'List its tools', command: commandLineOf(['npx', '@modelcontextprotocol/inspector', '--cli', here, '--transport', 'http', '--method', 'tools/list'], {}) },
    ],
    here: clientsFor(name, here, place),
    inside: inside === undefined ? [] : [{ label: 'Most clients', file: null, text: json(usualConfiguration(name, inside)) }],
    notes: notesOf(server, isPlain),
  };
}

function specOf({ metadata: { name }, spec }: MCPServerObject): ResolvedSpec | undefined {
  try {
    return resolveSpec(name, spec, { stored: true });
  } catch (error) {
    if (error instanceof InvalidMCPServerError) return undefined;
    throw error;
  }
}

function clientsFor(name: string, url: string, place: Place): ToldClient[] {
  return CLIENT_NAMES.map((each) => {
    const { label, section, entry, file } = CLIENTS[each];
    return { label, file: file(place), text: json({ [section]: { [name]: entry(url) } }) };
  });
}

function notesOf({ status, spec }: MCPServerObject, isPlain: boolean): string[] {
  const needsCredentials = conditionOf(status, 'Verified')?.reason === 'AuthRequired' || spec.verification?.credentialsSecretRef !== undefined;
  return [
    ...(needsCredentials ? ['The server wants credentials. They are in no configuration here, for no Secret is read: add them as your client does it, such as "headers": {"Authorization": "Bearer TOKEN"}.'] : []),
    ...(isPlain ? [] : ['The server speaks TLS with a certificate for the name of its Service: a client has to trust its authority, and to accept 127.0.0.1 in the place of that name.']),
  ];
}

function json(value: object): string {
  return JSON.stringify(value, null, 2);
}
