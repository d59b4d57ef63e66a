// The images of the servers in servers.ts, named as a user's recipe would make them: what each holds and how it starts.
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import packageJson from './package.json' with { type: 'json' };
import { APP, NODE } from '../../../images/paths.ts';

/** A package of package.json beside this file. */
export type PackageName = keyof typeof packageJson.dependencies;

/** An image made of npm packages. */
export interface NpmImage {
  readonly name: string;
  /** Content of further files, by path in the image. */
  readonly files: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
}

/** Folder in which npm installs. */
export const MODULES = 'node_modules';
/** Says where the API server is, and nothing of who asks: enough to start. */
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{name: cluster, cluster: {server: "https://kubernetes.default.svc"}}]
contexts: [{name: cluster, context: {cluster: cluster}}]
current-context: cluster
`;

/** The image's name for a package, with its version as the tag. */
export function imageOf(name: PackageName): string {
  return `other-makers/${name.split('/').at(-1)}:${packageJson.dependencies[name]}`;
}

/** An image that starts a package's program with Node. */
function nodeImage(name: PackageName, program: string): NpmImage {
  return { name: imageOf(name), files: {}, entrypoint: [NODE, inImage(name, program)] };
}

/** Where a file of a package lies in the images. */
export function inImage(name: PackageName | 'kubernetes-mcp-server-linux-amd64', file: string): string {
  return posix.join(APP, MODULES, name, file);
}

/** All of them. */
export const IMAGES: readonly NpmImage[] = [
  nodeImage('@modelcontextprotocol/server-everything', 'dist/index.js'),
  nodeImage('@modelcontextprotocol/server-filesystem', 'dist/index.js'),
  nodeImage('@modelcontextprotocol/server-memory', 'dist/index.js'),
  nodeImage('@modelcontextprotocol/server-sequential-thinking', 'dist/index.js'),
  nodeImage('mcp-server-kubernetes', 'dist/index.js'),
  nodeImage('@upstash/context7-mcp', 'dist/index.js'),
  nodeImage('@notionhq/notion-mcp-server', 'bin/cli.mjs'),
  nodeImage('@brave/brave-search-mcp-server', 'dist/index.js'),
  // A bridge; the stdio server behind it lies beside it.
  nodeImage('mcp-proxy', 'dist/bin/mcp-proxy.mjs'),
  {
    name: imageOf('fastmcp'),
    files: { [posix.join(APP, 'app.mjs')]: readFileSync(join(import.meta.dirname, 'fastmcp-app.mjs'), 'utf8') },
    entrypoint: [NODE, posix.join(APP, 'app.mjs')],
  },
  {
    // Its program is a static binary in a package of its own per platform; the script before it, which only starts that, is left out.
    name: imageOf('kubernetes-mcp-server'),
    files: { '/etc/kubeconfig': KUBECONFIG },
    entrypoint: [inImage('kubernetes-mcp-server-linux-amd64', 'bin/kubernetes-mcp-server-linux-amd64')],
  },
];
