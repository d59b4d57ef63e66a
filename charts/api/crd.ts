// The CustomResourceDefinition, made from the schema and the rules: nothing is said here that is said there.
import * as z from 'zod';
import { API_VERSION, GROUP, KIND, PLURAL, VERSION } from './group.ts';
import { MAX_NAME_LENGTH, NAME_MESSAGE, NAME_PATTERN, SPEC_RULES } from './rules.ts';
import { isSaid } from './said-rules.ts';
import type { SpecRule } from './spec-rule.ts';
import { specSchema } from './spec.ts';
import { UNOBSERVED_STATUS, statusSchema } from './status.ts';

type JsonSchema = Record<string, unknown>;

const COLUMNS = [
  { name: 'Phase', type: 'string', jsonPath: '.status.phase' },
  { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
  { name: 'Ready', type: 'integer', jsonPath: '.status.readyReplicas' },
  { name: 'Replicas', type: 'integer', jsonPath: '.status.replicas' },
  { name: 'Transport', type: 'string', jsonPath: '.spec.transport' },
  { name: 'Endpoint', type: 'string', jsonPath: '.status.endpoint' },
  { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  { name: 'Server', type: 'string', jsonPath: '.status.server.name', priority: 1 },
  // The revision the server names first: all of them would fill the line.
  { name: 'Protocol', type: 'string', jsonPath: '.status.server.protocolVersions[0]', priority: 1 },
] as const;

/** A CustomResourceDefinition, such that `new ApiObject(chart, 'crd', …)` takes it. */
export type CustomResourceDefinition = JsonSchema & {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
};

/** The CRD of MCPServer as a manifest. Deterministic. */
export function customResourceDefinition(): CustomResourceDefinition {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${PLURAL}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: 'Namespaced',
      names: {
        kind: KIND,
        listKind: `${KIND}List`,
        plural: PLURAL,
        singular: KIND.toLowerCase(),
        shortNames: ['mcps'],
        categories: ['ai', 'mcp'],
      },
      versions: [
        {
          name: VERSION,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: resourceSchema() },
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas', labelSelectorPath: '.status.selector' },
          },
          additionalPrinterColumns: COLUMNS,
        },
      ],
    },
  };
}

function resourceSchema(): JsonSchema {
  return {
    type: 'object',
    description: `An MCP server run on Kubernetes. Manifests start with apiVersion: ${API_VERSION} and kind: ${KIND}.`,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of the schema of this object.' },
      kind: { type: 'string', description: 'Kind of this object.' },
      metadata: { type: 'object' },
      spec: specOfCrd(),
      status: { ...structural(statusSchema), description: 'What the operator observed.', default: UNOBSERVED_STATUS },
    },
    // Root rules are never ratcheted; optionalOldSelf keeps objects writable that were stored before the rule existed.
    'x-kubernetes-validations': [
      {
        rule: `oldSelf.hasValue() || (size(self.metadata.name) <= ${MAX_NAME_LENGTH} && self.metadata.name.matches('${NAME_PATTERN.source}'))`,
        message: NAME_MESSAGE,
        optionalOldSelf: true,
      },
    ],
  };
}

function specOfCrd(): JsonSchema {
  const spec: JsonSchema = { ...structural(specSchema), description: 'What is to run.' };
  const rules = SPEC_RULES.filter(({ cel }) => cel !== undefined);
  spec['x-kubernetes-validations'] = rules.filter(isOfSpec).map((rule) => ({ ...asValidation(rule), fieldPath: `.${rule.field}` }));
  for (const rule of rules.filter((each) => !isOfSpec(each))) {
    const node = fieldAt(spec, rule.field);
    node['x-kubernetes-validations'] = [...((node['x-kubernetes-validations'] ?? []) as JsonSchema[]), asValidation(rule)];
  }
  return spec;
}

function asValidation({ cel, message, found }: SpecRule): JsonSchema {
  return { rule: cel, message, ...(found && { messageExpression: `'${message} (' + ${found.cel} + ')'` }) };
}

function isOfSpec({ sparesStored = false, ofSpec = false }: SpecRule): boolean {
  return !sparesStored || ofSpec;
}

function fieldAt(spec: JsonSchema, path: string): JsonSchema {
  return path.split('.').reduce((node, name) => (node['properties'] as Record<string, JsonSchema>)[name] as JsonSchema, spec);
}

/** The schema in the subset of OpenAPI that CRDs take (a "structural schema"). */
function structural(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', override: ({ jsonSchema }) => makeStructural(jsonSchema) });
}

function makeStructural(schema: JsonSchema): void {
  for (const key of ['$schema', 'propertyNames', 'examples', 'id']) delete schema[key];
  if (schema['properties'] !== undefined) delete schema['additionalProperties'];
  if (isSaid(schema)) for (const key of ['pattern', 'enum']) delete schema[key];
  if (schema['x-kubernetes-int-or-string'] === true) {
    for (const key of ['type', 'oneOf']) delete schema[key];
    schema['anyOf'] = [{ type: 'integer' }, { type: 'string' }];
  }
  if (schema['format'] === 'date-time') delete schema['pattern'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
}
