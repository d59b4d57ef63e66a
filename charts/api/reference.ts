// The API reference, docs/api.md: every field, bound, default and rule, from the CRD and the rules. Pure: text out.
import { customResourceDefinition } from './crd.ts';
import { API_VERSION, KIND, PLURAL } from './group.ts';
import { OPEN_FIELDS } from './open-fields.ts';
import { MAX_OPEN_BYTES, MAX_OPEN_DEPTH } from './open-mistakes.ts';
import { OPEN_RULES } from './open-rules.ts';
import { code, typeOf, type SchemaNode } from './reference-type.ts';
import { REASONS } from './reasons.ts';
import { NAME_MESSAGE, SPEC_RULES } from './rules.ts';
import { saidMessage } from './said-rules.ts';
import { CONDITION_TYPES } from './status.ts';
import { TEXT_RULES, type TextRule } from './text-rules.ts';

interface Crd {
  readonly spec: {
    readonly names: { readonly shortNames: readonly string[]; readonly categories: readonly string[] };
    readonly versions: readonly [
      {
        readonly schema: { readonly openAPIV3Schema: { readonly properties: Record<'spec' | 'status', SchemaNode> } };
        readonly additionalPrinterColumns: readonly { readonly name: string; readonly jsonPath: string; readonly priority?: number }[];
      },
    ];
  };
}

/** A field of the reference: its path below `spec` or `status`, and whether its parent demands it. */
interface Field {
  readonly path: string;
  readonly node: SchemaNode;
  readonly required: boolean;
}

/** Objects with at most this many fields are spelled out wherever they occur. */
const SHORT = 4;

/** The text of docs/api.md. Deterministic. */
export function apiReference(): string {
  const { names, versions } = (customResourceDefinition() as unknown as Crd).spec;
  const [{ schema, additionalPrinterColumns }] = versions;
  const { spec, status } = schema.openAPIV3Schema.properties;
  const sections = [
    heading(names),
    `## spec\n\n${spec.description ?? ''}\n\n${overview('spec', spec)}`,
    ...details('spec', spec),
    rules(spec),
    `## status\n\n${status.description ?? ''} Until then: ${code(JSON.stringify(status.default))}. [The MCPServer resource](mcpserver.md#status) says what the values mean.\n\n${overview('status', status)}`,
    ...details('status', status),
    `### Condition types\n\n${CONDITION_TYPES.map(code).join(', ')}. The last ones are there only while they are true.`,
    reasons(),
    columns(additionalPrinterColumns),
  ];
  return `${sections.join('\n\n')}\n`;
}

function heading({ shortNames, categories }: Crd['spec']['names']): string {
  return `<!-- Written by \`npm run generate\` from charts/api/. Do not edit. -->
# API reference: ${KIND}

| apiVersion | kind | plural | short name | categories | scope | subresources |
|---|---|---|---|---|---|---|
| \`${API_VERSION}\` | \`${KIND}\` | \`${PLURAL}\` | ${shortNames.map(code).join(', ')} | ${categories.map(code).join(', ')} | namespaced | \`status\`, \`scale\` |

Generated from the schema the API server, the construct and the operator check with. How the fields work together is told in
[The MCPServer resource](mcpserver.md). Unknown fields are refused, not dropped.`;
}

/** The fields right below the root; those with fields of their own lead to their section. */
function overview(root: string, node: SchemaNode): string {
  const anchor = (path: string): string => `#${root}${path}`.toLowerCase();
  return table(fieldsIn(node).map((field) => (hasFields(field.node) ? { ...field, anchor: anchor(field.path) } : field)));
}

/** One section for each field that has fields of its own. */
function details(root: string, node: SchemaNode): string[] {
  const known = new Map<string, string>();
  return fieldsIn(node)
    .filter((field) => hasFields(field.node))
    .map((field) => `### ${root}.${field.path}\n\n${field.node.description ?? ''}\n\n${table(below(field, known))}`);
}

interface Row extends Field {
  /** Where its own fields are listed. */
  readonly anchor?: string;
  /** Path of an earlier field with the same fields, which are then not repeated. */
  readonly like?: string;
}

/** All fields below one, in the order of the schema. */
function below({ path, node }: Field, known: Map<string, string>): Row[] {
  const inner = node.items ?? node;
  return fieldsIn(inner, `${path}${node.items === undefined ? '' : '[]'}.`).flatMap((field): Row[] => {
    if (!hasFields(field.node)) return [field];
    const shape = JSON.stringify(field.node.items ?? field.node.properties);
    const like = known.get(shape);
    if (like !== undefined) return [{ ...field, like }];
    const rows = below(field, known);
    if (rows.length > SHORT) known.set(shape, field.path);
    return [field, ...rows];
  });
}

function fieldsIn({ properties = {}, required = [] }: SchemaNode, prefix = ''): Field[] {
  return Object.entries(properties).map(([name, node]) => ({ path: `${prefix}${name}`, node, required: required.includes(name) }));
}

function hasFields(node: SchemaNode): boolean {
  return (node.items ?? node).properties !== undefined;
}

function table(rows: readonly Row[]): string {
  const lines = rows.map(({ path, node, required, anchor, like }) => {
    const name = anchor === undefined ? code(path) : `[${code(path)}](${anchor})`;
    const fallback = node.default === undefined ? '' : code(typeof node.default === 'string' ? node.default : JSON.stringify(node.default));
    const description = `${node.description ?? ''}${like === undefined ? '' : ` Fields as in ${code(like)}.`}`;
    return `| ${name} | ${typeOf(node)} | ${required ? 'required' : fallback} | ${cell(description)} |`;
  });
  return ['| field | type and bounds | default | what it is |', '|---|---|---|---|', ...lines].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function rules(spec: SchemaNode): string {
  const enforced = [...SPEC_RULES.filter(({ cel }) => cel !== undefined), ...saidOf(spec)].map(ruleRow).join('\n');
  const ours = SPEC_RULES.filter(({ cel }) => cel === undefined).map(ruleRow).join('\n');
  return `## Rules between fields

What the API server, \`cdk8s synth\`, \`mcp-operator render\` and the operator refuse, with the sentence they say:

| field | message |
|---|---|
| \`metadata.name\` | ${cell(NAME_MESSAGE)} |
${enforced}

What no API server can afford to check: \`cdk8s synth\`, \`mcp-operator render\` and the library refuse it, and the operator keeps running what is stored all the same:

| field | message |
|---|---|
${ours}

${openFields()}

${characters()}`;
}

function openFields(): string {
  const rows = OPEN_RULES.map(({ field, message }) => `| ${field.split(', ').map((each) => code(`spec.${each}`)).join(', ')} | ${cell(message)} |`);
  return `## Open fields

${OPEN_FIELDS.map((field) => code(`spec.${field}`)).join(', ')} take whatever pods have: the API server judges it where the Deployment is applied, and refuses a field it does not know. Each is at most ${MAX_OPEN_BYTES} bytes as JSON and ${MAX_OPEN_DEPTH} levels deep. Refused by \`cdk8s synth\`, \`mcp-operator render\`, the library and the operator, and by no API server, is anywhere in them \`null\`, a directive of patches (\`$patch\` and its like), an item of a list that lacks what tells it apart or has it in common with another, and:

| field | message |
|---|---|
${rows.join('\n')}`;
}

function characters(): string {
  return `## Characters

Every text is written as it is, whatever characters it has, and read back equal; lone surrogates never arrive, because API servers store U+FFFD for each. These are refused by \`cdk8s synth\`, \`mcp-operator render\`, the library and the operator, with the name of the character:

| fields | characters | what is said of one |
|---|---|---|
${TEXT_RULES.map(textRow).join('\n')}`;
}

function textRow({ fields = [], keysOf = [], characters: refused, reason, sparesStored = false }: TextRule): string {
  const values = fields.map((field) => (field === '**' ? 'any text' : code(`spec.${field}`)));
  const keys = keysOf.map((field) => (field === '**' ? 'any key' : `keys of ${code(`spec.${field}`)}`));
  return `| ${[...values, ...keys].join(', ')} | ${refused} | ${cell(reason)}${sparesStored ? ' (the operator goes on with what is stored)' : ''} |`;
}

/** The sentences of fields that say themselves what is wrong. */
function saidOf(node: SchemaNode, prefix = ''): { field: string; message: string }[] {
  return fieldsIn(node, prefix).flatMap(({ path, node: field }) => {
    const message = saidMessage(field);
    const isList = field.items !== undefined;
    return [...(message === undefined ? [] : [{ field: path, message }]), ...saidOf(field.items ?? field, `${path}${isList ? '[]' : ''}.`)];
  });
}

function ruleRow({ field, message }: Pick<(typeof SPEC_RULES)[number], 'field' | 'message'>): string {
  return `| ${code(field === '' ? 'spec' : `spec.${field}`)} | ${cell(message)} |`;
}

function reasons(): string {
  const rows = Object.entries(REASONS).map(([reason, { of, meaning }]) => `| ${code(reason)} | ${of.map(code).join(', ')} | ${cell(meaning)} |`);
  return `### Reasons\n\n[What to do about each](troubleshooting.md).\n\n| reason | conditions that may carry it | what it means |\n|---|---|---|\n${rows.join('\n')}`;
}

function columns(all: Crd['spec']['versions'][0]['additionalPrinterColumns']): string {
  const rows = all.map(({ name, jsonPath, priority }) => `| ${name} | ${code(jsonPath)} | ${priority === undefined ? 'always' : 'with `-o wide`'} |`);
  return `## Columns of kubectl get\n\n| column | shows | when |\n|---|---|---|\n${rows.join('\n')}`;
}
