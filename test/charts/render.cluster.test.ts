// Rendered objects on the real API server: accepted, kept as they were sent, stable under repetition.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isMCPServer } from '../../charts/api/mcpserver.ts';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { canonicalQuantity } from '../../charts/api/quantity.ts';
import { render, type Manifest } from '../../charts/render.ts';
import type { KubernetesClient } from '../../kubernetes/client.ts';
import { apiVersionOf, DEPLOYMENTS, type KubernetesObject, type ResourceType } from '../../kubernetes/objects.ts';
import { CHILD_TYPES, MCP_SERVERS } from '../../reconciler/kinds.ts';
import { contains } from '../../reconciler/compare/contains.ts';
import { arbitrarySpec } from '../support/arbitrary-spec.ts';
import { connect, eventually, useNamespace } from '../support/cluster.ts';
import { ensureCrd } from '../support/crd.ts';
import { FULL_SPEC, FULL_STDIO_SPEC } from '../support/full-spec.ts';
import { CANONICAL_QUANTITIES } from '../support/quantities.ts';
import { mcpServer, MINIMAL, rendered, type Deployment } from '../support/rendered.ts';

const EXAMPLES = join(import.meta.dirname, '../../examples');
const MANAGER = { fieldManager: 'cluster-tests' };
let client: KubernetesClient;

beforeAll(async () => {
  client = await connect();
  await ensureCrd(client);
});
afterAll(() => client.close());

function typeOf(manifest: Manifest): ResourceType {
  const type = CHILD_TYPES.find((each) => each.kind === manifest.kind && apiVersionOf(each) === manifest.apiVersion);
  if (type === undefined) throw new Error(`${manifest.kind} is not among the kinds that are rendered`);
  return type;
}

function apply(manifest: Manifest, dryRun = false): Promise<KubernetesObject> {
  return client.apply(typeOf(manifest), manifest, { ...MANAGER, dryRun });
}

/** The MCPServers of examples/ by name. */
function exampleSpecs(): [name: string, spec: MCPServerSpec][] {
  const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.yaml'));
  const documents = files.flatMap((name) =>
    parseAllDocuments(readFileSync(join(EXAMPLES, name), 'utf8')).map((document) => document.toJS() as unknown),
  );
  return documents.filter(isMCPServer).map(({ metadata, spec }) => [metadata.name, spec]);
}

describe('rendered objects', () => {
  const namespace = useNamespace('rendered');
  const specs: [name: string, spec: MCPServerSpec][] = [
    ...exampleSpecs(),
    ['minimal', MINIMAL],
    ['stdio', { ...MINIMAL, transport: 'stdio', command: ['server'] }],
    ['every-field-of-stdio', FULL_STDIO_SPEC],
    ['scaled-to-zero', { ...MINIMAL, replicas: 0 }],
    ['every-field', FULL_SPEC],
  ];

  it.each(specs)('of %s come back with everything that was sent, and ten more applies change no resourceVersion', async (name, spec) => {
    for (const manifest of render(mcpServer(spec, { name, namespace }))) {
      expect([manifest.kind, contains(await apply(manifest), manifest)]).toEqual([manifest.kind, true]);
      // Controllers write status meanwhile; an apply that is not a no-op would bump the version in every round.
      await eventually(async () => {
        const versions = new Set<string | undefined>();
        for (let round = 0; round < 10; round += 1) versions.add((await apply(manifest)).metadata.resourceVersion);
        expect([manifest.kind, versions.size]).toEqual([manifest.kind, 1]);
      });
    }
  });

  it('of random valid specs are accepted and come back with everything that was sent, as are the MCPServers', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySpec(), async (spec) => {
        const server = mcpServer(spec, { namespace });
        await client.create(MCP_SERVERS, server as KubernetesObject, { dryRun: true });
        for (const manifest of render(server)) {
          expect([manifest, contains(await apply(manifest, true), manifest)]).toEqual([manifest, true]);
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe('quantities', () => {
  const namespace = useNamespace('quantities');

  it('are kept in the spelling they are rendered in, and mean what the user wrote', async () => {
    const { deployment, container } = rendered(render(mcpServer(MINIMAL, { namespace })));
    /** The amount as the API server stores it. */
    const stored = async (amount: string | number): Promise<string | undefined> => {
      const changed = structuredClone(deployment);
      Object.assign(changed.spec.template.spec.containers[0], { resources: { limits: { ...container.resources.limits, cpu: amount } } });
      const answer = await client.apply<KubernetesObject & Deployment>(DEPLOYMENTS, changed, { ...MANAGER, dryRun: true });
      return answer.spec.template.spec.containers[0].resources.limits['cpu'];
    };
    for (const [spelling, canonical] of CANONICAL_QUANTITIES) {
      expect([spelling, await stored(canonical)]).toEqual([spelling, canonical]);
      expect([spelling, canonicalQuantity((await stored(spelling)) ?? '')]).toEqual([spelling, canonical]);
    }
  });
});
