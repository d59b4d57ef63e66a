// `mcp-operator render`: prints what the operator would apply for a file of manifests, without a cluster.
import { API_VERSION, KIND } from '../../charts/api/group.ts';
import { isMCPServer } from '../../charts/api/resource.ts';
import { render, toYaml } from '../../charts/render.ts';
import { parseAllDocuments } from 'yaml';

/**
 * The rendered objects of every MCPServer in a file of YAML documents, as YAML. Other objects are left out.
 * @throws Error naming the document that is no valid YAML; InvalidMCPServerError for an MCPServer that breaks a rule.
 */
export function renderDocuments(text: string, file: string): string {
  const manifests = parseAllDocuments(text).flatMap((document, index) => {
    const where = `${file}, document ${index + 1}`;
    if (document.errors.length > 0) throw new Error(`${where}: ${document.errors[0]?.message}`);
    const value: unknown = document.toJS();
    const { kind, apiVersion, metadata } = (value ?? {}) as { kind?: unknown; apiVersion?: unknown; metadata?: { name?: unknown } };
    if (isMCPServer(value)) {
      if (typeof metadata?.name !== 'string') throw new Error(`${where}: the ${KIND} needs a metadata.name`);
      return render(value);
    }
    if (kind === KIND) throw new Error(`${where}: apiVersion is ${String(apiVersion)}, but only ${API_VERSION} is known`);
    return [];
  });
  if (manifests.length === 0) throw new Error(`${file} holds no ${KIND} of ${API_VERSION}`);
  return toYaml(manifests);
}
