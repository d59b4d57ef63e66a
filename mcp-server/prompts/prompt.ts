// The shape of a prompt: pure data and a text. Prompts never touch the cluster.
import type * as z from 'zod';

/** A prompt as the table holds it. `text` takes arguments that `argsSchema` has accepted. */
export interface Prompt {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly argsSchema: z.ZodObject;
  readonly text: (args: Record<string, unknown>) => string;
}

interface TypedPrompt<Args extends z.ZodObject> extends Omit<Prompt, 'argsSchema' | 'text'> {
  readonly argsSchema: Args;
  readonly text: (args: z.output<Args>) => string;
}

/** Checks a prompt's text against its arguments, then forgets the types so that prompts share one table. */
export function definePrompt<Args extends z.ZodObject>(prompt: TypedPrompt<Args>): Prompt {
  return prompt as unknown as Prompt;
}
