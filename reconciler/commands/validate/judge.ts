// What is wrong with the MCPServers in files, each thing with the line it stands in. Pure.
import { InvalidMCPServerError, resolveSpec, type MCPServerManifest, type Problem } from '../../../charts/api/mcpserver.ts';
import { KIND } from '../../../charts/api/group.ts';
import { restrictedMessage } from '../../../charts/checks/restricted.ts';
import { render } from '../../../charts/render.ts';
import { DEFAULT_SETTINGS } from '../../../charts/settings.ts';
import { plain } from '../../../kubernetes/text.ts';
import { findServers, noServers, type Found } from '../inputs/mcpservers.ts';
import type { Input } from '../inputs/read-inputs.ts';

/** One thing that was found. */
export interface Finding {
  /** Only an error makes an MCPServer invalid. */
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** Counted from 1. */
  readonly line: number;
  /** Namespace and name, or the name; null where it has none. */
  readonly server: string | null;
  /** Such as `spec.image`; null where it is about all of it. */
  readonly field: string | null;
  readonly message: string;
}

/** The output in JSON. New keys may be added. */
export interface Verdict {
  readonly valid: boolean;
  /** MCPServers that were looked at. */
  readonly servers: number;
  readonly files: number;
  /** By file and line. */
  readonly findings: readonly Finding[];
}

/** So much of one message is told, and of a field. */
const [MOST_MESSAGE, MOST_FIELD] = [1000, 300];
/** What a manifest may have at its top; `status` is what kubectl prints, and ignored. */
const TOP = ['apiVersion', 'kind', 'metadata', 'spec', 'status'];

/** Judges all inputs. Throws UserError where there is nothing to judge. */
export function judge(inputs: readonly Input[]): Verdict {
  const { servers, unusable } = findServers(inputs);
  if (servers.length + unusable.length === 0) throw noServers(inputs);
  const findings = [
    ...unusable.map(({ file, line, problem }): Finding =>
      ({ severity: 'error', file, line, server: null, field: null, message: plain(problem, MOST_MESSAGE) })),
    ...servers.flatMap(findingsOf),
  ];
  const order = inputs.map(({ name }) => name);
  const sorted = findings.toSorted((one, other) => order.indexOf(one.file) - order.indexOf(other.file) || one.line - other.line);
  return { valid: findings.every(({ severity }) => severity !== 'error'), servers: servers.length, files: inputs.length, findings: sorted };
}

function findingsOf({ manifest, file, lineOf }: Found): Finding[] {
  const { name, namespace } = manifest.metadata;
  const server = plain(namespace === undefined || namespace === null ? name : `${namespace}/${name}`, MOST_FIELD);
  const told = (severity: Finding['severity']) => ({ field, message }: Problem): Finding => {
    const where = { file, line: lineOf(field), server, field: field === '' ? null : plain(field, MOST_FIELD) };
    return { severity, ...where, message: plain(message, MOST_MESSAGE) };
  };
  const errors = [...topProblems(manifest), ...specProblems(manifest)];
  if (errors.length > 0) return errors.map(told('error'));
  return warnings(manifest).map(told('warning'));
}

function topProblems(manifest: MCPServerManifest): Problem[] {
  return Object.keys(manifest).filter((key) => !TOP.includes(key)).map((field) => ({ field, message: `unknown field of an ${KIND}: check the spelling, or indent what belongs into its spec` }));
}

function specProblems(manifest: MCPServerManifest): readonly Problem[] {
  try {
    resolveSpec(manifest.metadata.name, manifest.spec);
    render(manifest);
    return [];
  } catch (error) {
    if (error instanceof InvalidMCPServerError) return error.problems;
    return [{ field: 'spec', message: `cannot be rendered: ${(error as Error).message}` }];
  }
}

function warnings({ metadata: { name, namespace }, spec }: MCPServerManifest): Problem[] {
  const message = restrictedMessage({ name, namespace, spec: resolveSpec(name, spec), settings: DEFAULT_SETTINGS });
  return message === undefined ? [] : [{ field: 'spec', message }];
}
