// docs/from-deployment.md: the MCPServer on the page leads to what the Deployment and the Service on it say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { MCPServerManifest } from '../charts/api/mcpserver.ts';
import { render } from '../charts/render.ts';

const PAGE = readFileSync(join(import.meta.dirname, '../docs/from-deployment.md'), 'utf8');

interface Named {
  readonly name: string;
}

interface Mount extends Named {
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

interface Port {
  readonly port: number;
  readonly targetPort: string;
}

/** As much of a Deployment and a Service as the page has. */
interface Workload {
  readonly kind: string;
  readonly metadata: Named;
  readonly spec: {
    readonly replicas?: number;
    readonly selector: Readonly<Record<string, string>>;
    readonly ports?: readonly Port[];
    readonly template: { readonly spec: PodSpec };
  };
}

interface PodSpec {
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly containers: readonly [Container];
  readonly volumes: readonly (Named & Readonly<Record<string, unknown>>)[];
}

interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly env: readonly Named[];
  readonly ports: readonly (Named & { readonly containerPort: number })[];
  readonly readinessProbe: object;
  readonly livenessProbe: object;
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly volumeMounts: readonly Mount[];
}

const documents = [...PAGE.matchAll(/```yaml\n(.*?)```/gs)]
  .flatMap(([, text = '']) => parseAllDocuments(text, { strict: true }))
  .map((document) => document.toJS() as unknown);
const [oldDeployment, oldService, server, secondService] = documents as [Workload, Workload, MCPServerManifest, Workload];

function ofKind(kind: string): Workload {
  const found = render(server).find((manifest) => manifest.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} is rendered`);
  return found as unknown as Workload;
}

/** The container with its MCP port called as in an MCPServer. */
function renamed(container: Container): Container {
  const [port] = container.ports;
  return JSON.parse(JSON.stringify(container).replaceAll(`"${port?.name}"`, '"mcp"')) as Container;
}

/** What is at each path of a container: the volume, without its name, and without a size, which the old one does not say. */
function mounted({ containers: [{ volumeMounts }], volumes }: PodSpec): Readonly<Record<string, unknown>> {
  return Object.fromEntries(volumeMounts.map(({ name, mountPath }) => {
    const { name: _, ...source } = volumes.find((volume) => volume.name === name) ?? { name };
    return [mountPath, JSON.parse(JSON.stringify(source, (key, value: unknown) => (key === 'sizeLimit' ? undefined : value)))];
  }));
}

describe('the MCPServer on the page', () => {
  const deployment = ofKind('Deployment');
  const [before, after] = [oldDeployment, deployment].map(({ spec }) => spec.template.spec) as [PodSpec, PodSpec];
  const [old, container] = [renamed(before.containers[0]), after.containers[0]];

  test('has the name, the number of pods and what the container of the Deployment says', () => {
    expect([deployment.metadata.name, deployment.spec.replicas]).toEqual([oldDeployment.metadata.name, oldDeployment.spec.replicas]);
    const { image, args, readinessProbe, livenessProbe, resources, ports } = old;
    expect(container).toMatchObject({ image, args, readinessProbe, livenessProbe, resources, ports });
    expect(container.env).toEqual(expect.arrayContaining([...old.env]));
    expect(after.securityContext).toMatchObject(before.securityContext);
  });

  test('mounts the same at the same paths', () => {
    expect(mounted(after)).toEqual(mounted(before));
  });

  test('is reached at the port of the Service', () => {
    expect(ofKind('Service').spec.ports?.map(({ port }) => port)).toEqual(oldService.spec.ports?.map(({ port }) => port));
  });

  test('has pods that the second Service selects, and the patch of the old one', () => {
    const { selector } = ofKind('Service').spec;
    expect(secondService.spec.selector).toEqual(selector);
    const [, patch = ''] = /--type json -p '(.*?)'/s.exec(PAGE) ?? [];
    const [selected, port] = JSON.parse(patch) as [{ value: object }, { value: string }];
    expect(selected.value).toEqual({ ...selector, 'mcp.example.com/server': 'weather-mcp' });
    expect(port.value).toBe(container.ports[0]?.name);
  });
});
