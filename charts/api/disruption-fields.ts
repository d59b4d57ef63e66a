// How many pods may be missing: while nodes are drained, and while pods are replaced.
import * as z from 'zod';
import { intOrString } from './fields.ts';

const pods = (description: string): z.ZodOptional<ReturnType<typeof intOrString>> =>
  intOrString(/^(100|[0-9]{1,2})%$/, { min: 0, max: 1000, message: 'must be a number of pods from 0 to 1000, or a percentage from "0%" to "100%"' }).describe(description).optional();

/** How pods are replaced. */
export const strategy = z.strictObject({
  type: z
    .enum(['RollingUpdate', 'Recreate'])
    .default('RollingUpdate')
    .describe('RollingUpdate: a new pod is Ready before an old one goes. Recreate: all old pods go first, for servers of which two cannot run.'),
  maxUnavailable: pods('Pods that may be missing in a rolling update, as number or percentage. Default 0.'),
  maxSurge: intOrString(/^[0-9]{1,3}%$/, { min: 0, max: 1000, message: 'must be a number of pods from 0 to 1000, or a percentage such as "25%"' })
    .describe('Pods there may be beyond those that are wanted, in a rolling update, as number or percentage. Kubernetes assumes 25%.')
    .optional(),
});

/** How many pods may be missing while nodes are drained. */
export const disruption = z.strictObject({
  mode: z
    .enum(['Default', 'None', 'Custom'])
    .default('Default')
    .describe('Default: one pod may go at a time where more than one can run. None: no budget. Custom: as minAvailable or maxUnavailable says.'),
  minAvailable: pods('Pods that must stay, as number or percentage; with mode Custom.'),
  maxUnavailable: pods('Pods that may be missing, as number or percentage; with mode Custom.'),
});
