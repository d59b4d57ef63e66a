// MCP servers of other makers as users deploy them: each with its image, what its MCPServer says, and what must come of it.
import { NODE } from '../../../images/paths.ts';
import { inImage, type PackageName } from './images.ts';

/** All that a spec may say of a server of another maker, beside its image. */
export interface PlainSpec {
  readonly transport?: 'stdio';
  readonly port?: number;
  readonly path?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value: string }[];
}

/** A server as it is deployed. */
export interface Server {
  /** Of the MCPServer. */
  readonly name: string;
  readonly package: PackageName;
  readonly spec: PlainSpec;
}

/** A server that speaks Streamable HTTP. */
export interface HttpServer extends Server {
  /** Why the spec says what it says, in one clause for the documentation. */
  readonly because: string;
}

/** One that becomes Ready as Verified. */
export interface VerifiedServer extends HttpServer {
  /** What `status.server` says. */
  readonly reports: { readonly name: string; readonly version: string };
  readonly sessions: 'Stateless' | 'Stateful';
  /** One of those it offers. */
  readonly tool: string;
  /** It only answers who comes by the address in `status.endpoint`. */
  readonly guardsHost?: boolean;
}

/** The entry point of the image of a package, for the bridge to start. */
const stdio = (name: PackageName): PlainSpec => ({ transport: 'stdio', command: [NODE, inImage(name, 'dist/index.js')] });
const env = (values: Readonly<Record<string, string>>): NonNullable<PlainSpec['env']> =>
  Object.entries(values).map(([name, value]) => ({ name, value }));
const MEMORY = inImage('@modelcontextprotocol/server-memory', 'dist/index.js');

/** Those that speak HTTP, by a flag or a variable of their own, to everybody. */
export const VERIFIED_SERVERS: readonly VerifiedServer[] = [
  {
    name: 'everything',
    package: '@modelcontextprotocol/server-everything', spec: { port: 3001, args: ['streamableHttp'] },
    because: 'speaks stdio unless told otherwise; `PORT` is its port, 3001 by default',
    reports: { name: 'mcp-servers/everything', version: '2.0.0' }, sessions: 'Stateful', tool: 'echo',
  },
  {
    name: 'cluster-tools',
    package: 'mcp-server-kubernetes',
    spec: {
      port: 3000,
      // It compares the whole Host header: clients must come by the address in status.endpoint, not through a forwarded port.
      env: env({ ENABLE_UNSAFE_STREAMABLE_HTTP_TRANSPORT: '1', HOST: '0.0.0.0', DNS_REBINDING_ALLOWED_HOST: '$(MCP_SERVER_NAME).$(POD_NAMESPACE).svc:3000' }),
    },
    because: 'speaks stdio and listens on localhost unless told otherwise, and accepts one Host header; `PORT` is its port, 3000 by default',
    reports: { name: 'kubernetes', version: '4.1.7' }, sessions: 'Stateless', tool: 'kubectl_get', guardsHost: true,
  },
  {
    name: 'kubernetes',
    // It does not start without a kubeconfig or a token; automountServiceAccountToken would do, but here its image holds a file.
    package: 'kubernetes-mcp-server', spec: { args: ['--port=8080', '--kubeconfig=/etc/kubeconfig'] },
    because: 'speaks HTTP where it is given a port; here the kubeconfig is in its image',
    reports: { name: 'kubernetes-mcp-server', version: 'v0.0.66' }, sessions: 'Stateful', tool: 'pods_list',
  },
  {
    name: 'adder',
    package: 'fastmcp', spec: {},
    because: 'an app of a few lines with this library that listens on `MCP_PORT`',
    reports: { name: 'adder', version: '1.2.3' }, sessions: 'Stateful', tool: 'add',
  },
  {
    name: 'context7',
    package: '@upstash/context7-mcp', spec: { args: ['--transport', 'http', '--port', '8080'] },
    because: 'speaks stdio unless told otherwise',
    reports: { name: 'Context7', version: '4.1.1' }, sessions: 'Stateless', tool: 'resolve-library-id',
  },
  {
    name: 'brave-search',
    package: '@brave/brave-search-mcp-server', spec: { args: ['--transport', 'http', '--host', '0.0.0.0'], env: env({ BRAVE_API_KEY: 'none' }) },
    because: 'speaks stdio and listens on localhost unless told otherwise; does not start without a key',
    reports: { name: 'brave-search-mcp-server', version: '2.1.4' }, sessions: 'Stateful', tool: 'brave_web_search',
  },
  {
    name: 'memory-by-proxy',
    package: 'mcp-proxy', spec: { args: ['--', NODE, MEMORY], env: env({ MEMORY_FILE_PATH: '/tmp/memory.jsonl' }) },
    because: 'a bridge, before a server that only speaks stdio',
    reports: { name: 'memory-server', version: '0.6.3' }, sessions: 'Stateless', tool: 'read_graph',
  },
];

/** Those that demand authentication of their clients: Ready as AuthRequired. */
export const GUARDED_SERVERS: readonly HttpServer[] = [
  {
    name: 'notion',
    package: '@notionhq/notion-mcp-server', spec: { args: ['--transport', 'http', '--host', '0.0.0.0', '--port', '8080'], env: env({ AUTH_TOKEN: 'shared-with-clients', NOTION_TOKEN: 'none' }) },
    because: 'speaks stdio and listens on localhost unless told otherwise; clients show `AUTH_TOKEN` as bearer token',
  },
];

/** Those that only speak stdio: their image's entry point is named in the spec. */
export const STDIO_SERVERS: readonly VerifiedServer[] = [
  {
    name: 'filesystem',
    package: '@modelcontextprotocol/server-filesystem', spec: { ...stdio('@modelcontextprotocol/server-filesystem'), args: ['/tmp'] },
    because: 'only speaks stdio',
    reports: { name: 'secure-filesystem-server', version: '0.2.0' }, sessions: 'Stateful', tool: 'list_directory',
  },
  {
    name: 'memory',
    package: '@modelcontextprotocol/server-memory', spec: { ...stdio('@modelcontextprotocol/server-memory'), env: env({ MEMORY_FILE_PATH: '/tmp/memory.jsonl' }) },
    because: 'only speaks stdio',
    reports: { name: 'memory-server', version: '0.6.3' }, sessions: 'Stateful', tool: 'read_graph',
  },
  {
    name: 'sequential-thinking',
    package: '@modelcontextprotocol/server-sequential-thinking', spec: stdio('@modelcontextprotocol/server-sequential-thinking'),
    because: 'only speaks stdio',
    reports: { name: 'sequential-thinking-server', version: '2026.8.31' }, sessions: 'Stateful', tool: 'sequentialthinking',
  },
];

/** What is easily forgotten about some of them, and what the status says then. */
export const FORGOTTEN: readonly (Server & { readonly reasons: readonly [string, ...string[]]; readonly message: RegExp })[] = [
  {
    name: 'host-header', package: 'mcp-server-kubernetes',
    spec: { port: 3000, env: env({ ENABLE_UNSAFE_STREAMABLE_HTTP_TRANSPORT: '1', HOST: '0.0.0.0' }) },
    reasons: ['Progressing', 'Forbidden'], message: /HTTP 403.*Invalid Host.*accept Host: host-header\.[\w-]+\.svc:3000/s,
  },
  {
    name: 'localhost', package: '@brave/brave-search-mcp-server',
    spec: { args: ['--transport', 'http'], env: env({ BRAVE_API_KEY: 'none' }) },
    reasons: ['Progressing'], message: /startup probe has not passed.*on all addresses/s,
  },
];
