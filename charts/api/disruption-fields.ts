// What voluntary disruptions, such as draining a node, may do.
import * as z from 'zod';
import { intOrString } from './fields.ts';

const pods = (description: string): z.ZodOptional<ReturnType<typeof intOrString>> =>
  intOrString(/^(100|[0-9]{1,2})%$/, { min: 0, max: 1000 }).describe(description).optional();

/** How many pods may be missing. */
export const disruption = z.strictObject({
  mode: z
    .enum(['Default', 'None', 'Custom'])
    .default('Default')
    .describe('Default: one pod may go at a time where more than one can run. None: no budget. Custom: as minAvailable or maxUnavailable says.'),
  minAvailable: pods('Pods that must stay, as number or percentage; with mode Custom.'),
  maxUnavailable: pods('Pods that may be missing, as number or percentage; with mode Custom.'),
});
