// The props of the construct, the resource's spec and the typed resource of imports/ have the same fields.
import { App, Chart } from 'cdk8s';
import { describe, expect, expectTypeOf, it } from 'vitest';
import type { MCPServerSpec } from '../../charts/api/spec.ts';
import { MCPServer, type MCPServerProps } from '../../charts/mcpserver.ts';
import { render } from '../../charts/render.ts';
import { McpServer, type McpServerSpec } from '../../imports/mcp.example.com.ts';
import { FIELD_EXAMPLES, specWith } from '../support/field-examples.ts';
import { FULL_SPEC } from '../support/full-spec.ts';
import { FULL_OPEN } from '../support/open-examples.ts';
import { mcpServer } from '../support/rendered.ts';

function synthesized(spec: MCPServerSpec): unknown {
  const { deployment } = new MCPServer(new Chart(new App(), 'chart', { namespace: 'tools' }), 'demo', spec);
  return Chart.of(deployment).toJson();
}

describe('the props of the construct', () => {
  it('are the fields of the spec by type, besides name, namespace and settings, and so are those of the typed resource', () => {
    expectTypeOf<Omit<MCPServerProps, 'name' | 'namespace' | 'bridgeImage' | 'bridgeBy'>>().toEqualTypeOf<MCPServerSpec>();
    expectTypeOf<keyof McpServerSpec>().toEqualTypeOf<keyof MCPServerSpec>();
    expect(synthesized(FULL_SPEC)).toEqual(render(mcpServer(FULL_SPEC)));
  });

  it('leave nothing out of what is written in an open field, of the typed resource neither', () => {
    const spec = { image: 'a', ...FULL_OPEN };
    expect(McpServer.manifest({ metadata: { name: 'demo' }, spec })).toMatchObject({ spec });
  });

  it.each(Object.keys(FIELD_EXAMPLES))('render %s as the resource does', (path) => {
    for (const value of FIELD_EXAMPLES[path]?.accepted ?? []) {
      const spec = specWith(path, value) as unknown as MCPServerSpec;
      expect(synthesized(spec)).toEqual(render(mcpServer(spec)));
    }
  });
});
