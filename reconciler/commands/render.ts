// `mcp-operator render`: prints what the operator would apply for a file of manifests, without a cluster.
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import { isMCPServer } from '../../charts/api/resource.ts';
import { parseDocuments } from '../../charts/documents.ts';
import { render, toYaml, type Manifest } from '../../charts/render.ts';

interface Resource {
  readonly kind?: unknown;
  readonly apiVersion?: unknown;
  readonly metadata?: { readonly name?: unknown };
  readonly items?: readonly unknown[];
}

/**
 * The rendered objects of every MCPServer in a file of YAML documents, as YAML. Other objects are left out; a `List`, as
 * kubectl prints it, is looked into.
 * @throws Error naming the document that is no valid YAML; InvalidMCPServerError for an MCPServer that breaks a rule.
 */
export function renderDocuments(text: string, file: string): string {
  const manifests = parseDocuments(text, file).flatMap(({ value, where }) => renderDocument(value, where));
  if (manifests.length === 0) throw new Error(`${file} holds no ${KIND} of ${API_VERSION}`);
  return toYaml(manifests);
}

function renderDocument(value: unknown, where: string): Manifest[] {
  const { kind, apiVersion, metadata, items } = (value ?? {}) as Resource;
  if (kind === 'List') return (items ?? []).flatMap((item, index) => renderDocument(item, `${where}, item ${index + 1}`));
  if (kind !== KIND) return [];
  if (!isMCPServer(value)) throw new Error(`${where}: apiVersion is ${String(apiVersion)}, but only ${API_VERSION} is known`);
  if (typeof metadata?.name !== 'string') throw new Error(`${where}: the ${KIND} needs a metadata.name`);
  return render(value);
}
