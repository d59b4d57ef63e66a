// MCP servers of other makers that speak stdio, as desktop configurations start them, each with a call that harms nobody.

/** A server, and what a client asks of it. */
export interface PackageServer {
  /** Of the MCPServer. */
  readonly name: string;
  /** The image it runs in: a runtime that fetches it, or one in which it is installed, which costs the node less. */
  readonly image: 'node-runtime' | 'python-runtime' | 'e2e-installed';
  readonly command: readonly [string, ...string[]];
  readonly env?: Readonly<Record<string, string>>;
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** In the answer. */
  readonly says: string;
}

/** Calls the program of a Python package, with the packages of one lock file. */
function python(lock: 'newer' | 'older', module: string, ...args: readonly string[]): Pick<PackageServer, 'image' | 'command' | 'env'> {
  return { image: 'e2e-installed', command: ['python3', '-c', `from ${module} import main; main()`, ...args], env: { PYTHONPATH: `/app/${lock}` } };
}

/** The program of an npm package. */
function node(program: string, ...args: readonly string[]): Pick<PackageServer, 'image' | 'command'> {
  return { image: 'e2e-installed', command: [`/app/node_modules/.bin/${program}`, ...args] };
}

/** All of them. */
export const PACKAGE_SERVERS: readonly PackageServer[] = [
  {
    name: 'filesystem', image: 'node-runtime', command: ['npx', '-y', '@modelcontextprotocol/server-filesystem@2026.8.31', '/tmp'],
    tool: 'list_allowed_directories', arguments: {}, says: '/tmp',
  },
  { name: 'time-of-npm', image: 'node-runtime', command: ['npm', 'exec', '--yes', '--', 'time-mcp@1.0.6'], tool: 'days_in_month', arguments: { date: '2026-02-01' }, says: '28' },
  { name: 'time', image: 'python-runtime', command: ['uvx', 'mcp-server-time==2026.10.19'], tool: 'get_current_time', arguments: { timezone: 'UTC' }, says: 'UTC' },
  {
    // It does not say which versions of Python's SDK it knows.
    name: 'difference', image: 'python-runtime', command: ['uv', 'tool', 'run', '--with', 'mcp<2', '--from', 'mcp-server-diff-python==0.1.2', 'mcp-server-diff-python'],
    tool: 'get-unified-diff', arguments: { string_a: 'one\n', string_b: 'two\n' }, says: '+two',
  },
  { name: 'memory', ...node('mcp-server-memory'), env: { MEMORY_FILE_PATH: '/tmp/memory.jsonl' }, tool: 'read_graph', arguments: {}, says: 'entities' },
  {
    name: 'sequential-thinking', ...node('mcp-server-sequential-thinking'),
    tool: 'sequentialthinking', arguments: { thought: 'one', thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false }, says: 'thoughtNumber',
  },
  { name: 'everything', ...node('mcp-server-everything'), tool: 'echo', arguments: { message: 'hello' }, says: 'hello' },
  { name: 'hello-world', ...node('mcp-hello-world'), tool: 'add', arguments: { a: 2, b: 40 }, says: '42' },
  { name: 'task-manager', ...node('mcp-taskmanager'), env: { TASK_MANAGER_FILE_PATH: '/tmp/tasks.json' }, tool: 'list_requests', arguments: {}, says: 'equests' },
  // There is no network but the cluster's: the registry answers it. What is not raw it would read by a script of Node, where there is Node.
  {
    name: 'fetch', ...python('newer', 'mcp_server_fetch', '--ignore-robots-txt', '--allow-private-ips'),
    tool: 'fetch', arguments: { url: 'http://packages:8080/simple/mcp', raw: true }, says: '.whl',
  },
  { name: 'calculator', ...python('older', 'mcp_server_calculator'), tool: 'calculate', arguments: { expression: '6 * 7' }, says: '42' },
  {
    name: 'sqlite', ...python('older', 'mcp_server_sqlite', '--db-path', '/tmp/test.db'),
    tool: 'read_query', arguments: { query: 'SELECT 6 * 7 AS answer' }, says: '42',
  },
];
