// The shape of a tool: pure data and one handler. Every file beside this one defines one tool.
import type * as z from 'zod';
import type { Action, Cluster } from '../cluster/port.ts';

/** What a handler may use. */
export interface ToolContext {
  readonly cluster: Cluster;
  /** Aborts when the client cancels or disconnects. */
  readonly signal: AbortSignal;
}

/** What a handler returns: a text for people and models, and the same facts as data. */
export interface ToolOutput<Structured = Record<string, unknown>> {
  readonly text: string;
  readonly structured: Structured;
}

/** All four hints of the protocol; none may be left to a client's guess. */
export interface ToolHints {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/** A tool as the table holds it. `action` and `handler` take arguments that `inputSchema` has accepted. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Strict: an argument that is not known, such as a misspelt `namespace`, is refused. */
  readonly inputSchema: z.ZodObject;
  readonly outputSchema: z.ZodObject;
  readonly annotations: ToolHints;
  /** What the call does to the cluster. */
  readonly action: (args: Record<string, unknown>) => Action;
  /** Errors of the cluster are thrown as they are; the catalog turns them into results. */
  readonly handler: (args: Record<string, unknown>, context: ToolContext) => Promise<ToolOutput>;
}

interface TypedTool<Input extends z.ZodObject, Output extends z.ZodObject> extends Omit<Tool, 'inputSchema' | 'outputSchema' | 'action' | 'handler'> {
  readonly inputSchema: Input;
  readonly outputSchema: Output;
  readonly action: (args: z.output<Input>) => Action;
  readonly handler: (args: z.output<Input>, context: ToolContext) => Promise<ToolOutput<z.output<Output>>>;
}

/** Checks a tool's handler against its schemas, then forgets the types so that tools share one table. */
export function defineTool<Input extends z.ZodObject, Output extends z.ZodObject>(tool: TypedTool<Input, Output>): Tool {
  return tool as unknown as Tool;
}
