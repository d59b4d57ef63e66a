// `mcp-operator render`: prints what the operator would apply for manifests, without a cluster.
import { resolveSpec } from '../../../charts/api/mcpserver.ts';
import { render } from '../../../charts/render.ts';
import type { RenderSettings } from '../../../charts/settings.ts';
import { toYaml } from '../../../charts/yaml-text.ts';
import { serversIn } from '../inputs/mcpservers.ts';
import type { Input } from '../inputs/read-inputs.ts';

/**
 * The rendered objects of every MCPServer in texts of YAML documents, as YAML. Other objects are left out; a `List`, as
 * kubectl prints it, is looked into.
 * @throws InvalidMCPServerError for an MCPServer that breaks a rule; UserError for whatever else cannot be rendered, naming the document.
 */
export function renderInputs(inputs: readonly Input[], settings: Partial<RenderSettings> = {}): string {
  const manifests = serversIn(inputs).flatMap(({ manifest }) => {
    // A name that can be none cannot name a construct either.
    resolveSpec(manifest.metadata.name, manifest.spec);
    return render(manifest, settings);
  });
  return toYaml(manifests);
}

/** The same for one text. `file` is what messages call it. */
export function renderDocuments(text: string, file: string, settings: Partial<RenderSettings> = {}): string {
  return renderInputs([{ name: file, text }], settings);
}
