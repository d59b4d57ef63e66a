// The rules between the parts of the project, checked on source text: who may import whom, and what stands where.
import { MAX_COLUMNS, wideLines } from './code-width.ts';

/** Source text by path from the project's root. */
export type Sources = ReadonlyMap<string, string>;

interface Import {
  /** Path from the root for own files, the package's name for others; undefined if it is not a literal. */
  readonly target: string | undefined;
  readonly typeOnly: boolean;
}

const MAX_LINES = 300;

/** What the Kubernetes MCP server offers sees of a cluster and of names, and never the API client. */
const BELOW_THE_CATALOG = ['mcp-server/cluster/port.ts', 'mcp-server/errors.ts', 'mcp-server/json-rpc.ts', 'mcp-server/names.ts'] as const;

/** What serves HTTP without any SDK; it needs Node alone. */
const HTTP_LAYER = [
  ...['answers', 'bodies', 'connections', 'http-drain', 'refusals', 'request-checks', 'shares', 'sliced-socket'].map((name) => `mcp-server/transports/${name}.ts`),
  'mcp-server/json-rpc.ts',
  'mcp-server/host-name.ts',
] as const;

/** The operator from left to right: a folder or file of a layer may import its own layer and every layer before. Parts of one layer do not know each other. */
export const OPERATOR_LAYERS: readonly (readonly string[])[] = [
  ['reconciler/kinds.ts', 'reconciler/runtime/'],
  ['reconciler/compare/'],
  ['reconciler/view/', 'reconciler/references/', 'reconciler/verification/'],
  ['reconciler/status/'],
  ['reconciler/explain/', 'reconciler/children/'],
  ['reconciler/metrics/'],
  ['reconciler/reconcile.ts'],
  ['reconciler/mcpserver-controller.ts'],
  ['reconciler/operator.ts'],
  ['reconciler/commands/'],
];

const DASHBOARD_PAGE = 'reconciler/commands/dashboard/page/';

/** The generic half of the operator knows no MCPServer. */
const GENERIC = ['reconciler/runtime/'];

function operatorRules(): [string, readonly string[]][] {
  return OPERATOR_LAYERS.flatMap((layer, index) => layer.map((part): [string, readonly string[]] => {
    const before = OPERATOR_LAYERS.slice(0, index).flat();
    return [part, GENERIC.includes(part) ? [part, 'kubernetes/'] : [part, ...before, 'charts/', 'kubernetes/']];
  }));
}

/** What each part may import of ours, by the longest matching folder or file. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'charts/': ['charts/', 'imports/'],
  'kubernetes/': ['kubernetes/'],
  'charts/api/': ['charts/api/', 'imports/mcpserver-spec.ts'],
  'charts/checks/': ['charts/'],
  // Nothing else stands at the top of the operator but what the layers name, and what starts them.
  'reconciler/': [],
  'reconciler/main.ts': ['reconciler/commands/', 'reconciler/runtime/'],
  ...Object.fromEntries(operatorRules()),
  // It runs in a browser, and knows of the operator what it is sent.
  [DASHBOARD_PAGE]: [DASHBOARD_PAGE, 'reconciler/commands/dashboard/told.ts'],
  'mcp-server/': ['mcp-server/', 'charts/', 'kubernetes/'],
  'mcp-server/errors.ts': ['mcp-server/cluster/port.ts', 'mcp-server/json-rpc.ts', 'kubernetes/'],
  'mcp-server/cluster/': ['mcp-server/cluster/', 'mcp-server/errors.ts', 'kubernetes/'],
  'mcp-server/tools/': ['mcp-server/tools/', ...BELOW_THE_CATALOG],
  'mcp-server/resources/': ['mcp-server/resources/', ...BELOW_THE_CATALOG],
  'mcp-server/prompts/': ['mcp-server/prompts/', ...BELOW_THE_CATALOG],
  'mcp-server/catalog.ts': ['mcp-server/tools/', 'mcp-server/resources/', 'mcp-server/prompts/', ...BELOW_THE_CATALOG],
  'mcp-server/transports/': [
    'mcp-server/transports/',
    'mcp-server/catalog.ts',
    'mcp-server/settings.ts',
    'mcp-server/errors.ts',
    'mcp-server/json-rpc.ts',
    'mcp-server/host-name.ts',
    'mcp-server/cluster/api-server-readiness.ts',
    'mcp-server/tracing/port.ts',
    'mcp-server/tracing/message-span.ts',
  ],
  'mcp-server/tracing/': ['mcp-server/tracing/', 'mcp-server/catalog.ts', 'mcp-server/settings.ts', 'kubernetes/client.ts'],
  // It is copied into every pod: our HTTP layer, its version, what commands of packages say, and nothing else.
  'mcp-server/stdio-bridge/': ['mcp-server/stdio-bridge/', 'charts/bridge-version.ts', 'charts/package-command.ts', ...HTTP_LAYER],
  // How the dashboards are made: by a library that what is published must not need. Of it `charts/` reads data alone.
  'monitoring/': ['monitoring/', 'charts/'],
  'images/': ['images/', 'charts/bridge-version.ts', 'charts/bridge-program.ts'],
};

/** `import … from`, `export … from`, `import '…'` at the start of a line, and `import(…)` or `require(…)` anywhere. */
const STATIC = /^[ \t]*(?:import|export)\b(?:\s+(type)\b(?!\s+from\b))?([^'"`;=()]*?)\bfrom\s*['"]([^'"]+)['"]|^[ \t]*import\s*['"]([^'"]+)['"]/gm;
const DYNAMIC = /(?<![.\w])(?:import|require)\s*\(\s*(?:['"]([^'"]+)['"])?/g;

/** Every broken rule as `file: what`, sorted. */
export function brokenRules(sources: Sources): string[] {
  const graph = new Map([...sources].map(([file, text]) => [file, importsOf(file, text)]));
  const found = [...sources].flatMap(([file, text]) => [
    ...(graph.get(file) ?? []).flatMap((each) => brokenImport(file, each)),
    ...brokenText(file, text),
  ]);
  return [...found, ...cycles(graph)].toSorted();
}

/** Imports of a file, with relative paths resolved. */
export function importsOf(file: string, text: string): Import[] {
  const code = withoutCommentLines(text);
  const statics = [...code.matchAll(STATIC)].map(([, type, names = '', from, bare]): Import => {
    const members = /\{([^}]*)\}/.exec(names)?.[1]?.split(',').map((name) => name.trim()).filter(Boolean) ?? [];
    const onlyTypes = members.length > 0 && members.every((name) => name.startsWith('type ')) && /^\s*\{/.test(names);
    return { target: resolved(file, from ?? bare ?? ''), typeOnly: type !== undefined || onlyTypes };
  });
  const dynamics = [...code.matchAll(DYNAMIC)].map(([, target]): Import => ({ target: target && resolved(file, target), typeOnly: false }));
  return [...statics, ...dynamics];
}

function brokenImport(file: string, { target, typeOnly }: Import): string[] {
  if (target === undefined) return [`${file}: imports something that is not a literal`];
  const part = Object.keys(MAY_IMPORT).filter((folder) => file.startsWith(folder)).toSorted((a, b) => b.length - a.length)[0];
  const isOwn = /\.tsx?$/.test(target);
  const allowed = part === undefined || !isOwn || MAY_IMPORT[part]?.some((folder) => target.startsWith(folder));
  return [
    ...(allowed ? [] : [`${file}: may not import ${target}`]),
    ...(isOwn && /(^|\/)main\.ts$/.test(target) ? [`${file}: nothing imports a main.ts (${target})`] : []),
    ...(isPackage(target, '@kubernetes/client-node') && !typeOnly && !file.startsWith('kubernetes/') ? [`${file}: @kubernetes/client-node belongs to kubernetes/`] : []),
    ...(isPackage(target, 'preact') && !file.startsWith(DASHBOARD_PAGE) ? [`${file}: preact belongs to ${DASHBOARD_PAGE}`] : []),
    ...(target.startsWith('@opentelemetry/') && !file.startsWith('mcp-server/tracing/') ? [`${file}: OpenTelemetry belongs to mcp-server/tracing/`] : []),
    ...(isPackage(target, 'express') && file !== 'mcp-server/transports/http.ts' ? [`${file}: express belongs to mcp-server/transports/http.ts`] : []),
  ];
}

function brokenText(file: string, text: string): string[] {
  const lines = text.replace(/\n$/, '').split('\n');
  const first = lines[0]?.startsWith('#!') ? lines[1] : lines[0];
  const endsProcess = file.startsWith('reconciler/commands/') && /\bprocess\.(stdin|stdout|stderr|exit|exitCode|kill)\b/.test(withoutCommentLines(text));
  const readsEnvironment = /\bprocess\s*\??\.?\s*(\[\s*['"])?env\b|\{[^}]*\benv\b[^}]*\}\s*(=\s*process\b|from\s*['"](node:)?process['"])/.test(withoutCommentLines(text));
  return [
    ...(lines.length > MAX_LINES ? [`${file}: ${lines.length} lines, at most ${MAX_LINES}`] : []),
    ...tooWide(file, text),
    ...(/^\/[/*]/.test(first ?? '') ? [] : [`${file}: does not open with a comment that says what it owns`]),
    ...(readsEnvironment && !/(^|\/)main\.ts$/.test(file) ? [`${file}: process.env belongs to main.ts`] : []),
    ...(endsProcess ? [`${file}: standard streams and the end of the process are in its surroundings`] : []),
  ];
}

/** One message per line. */
export function tooWide(file: string, text: string): string[] {
  return wideLines(text, file).map((line) => `${file}: line ${line} has more than ${MAX_COLUMNS} columns of code`);
}

/** One message per import cycle, told from its first file by name. Types are gone at run time and make none. */
function cycles(graph: ReadonlyMap<string, readonly Import[]>): string[] {
  const found = new Set<string>();
  const finished = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      const cycle = path.slice(start);
      const first = cycle.indexOf(cycle.toSorted()[0] ?? '');
      const turned = [...cycle.slice(first), ...cycle.slice(0, first)];
      found.add(`${turned[0]}: import cycle ${[...turned, turned[0]].join(' -> ')}`);
    }
    if (start >= 0 || finished.has(file)) return;
    for (const { target, typeOnly } of graph.get(file) ?? []) {
      if (target !== undefined && !typeOnly && graph.has(target)) visit(target, [...path, file]);
    }
    finished.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return [...found];
}

function resolved(file: string, target: string): string {
  return target.startsWith('.') ? new URL(target, `file:///${file}`).pathname.slice(1) : target;
}

function isPackage(target: string, name: string): boolean {
  return target === name || target.startsWith(`${name}/`);
}

/** Comments say `process.env` and `import` too. */
function withoutCommentLines(text: string): string {
  return text.split('\n').filter((line) => !/^\s*(\/\/|\/\*|\*)/.test(line)).join('\n');
}
