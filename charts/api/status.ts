// The MCPServer status: schema and types. What the values mean is decided in reconciler/status/status.ts.
import * as z from 'zod';
import { listMap } from './fields.ts';

const count = (description: string): z.ZodInt => z.int().min(0).max(2_147_483_647).describe(description);

/** Condition types; those from Reconciling on are present only while they are true. */
export const CONDITION_TYPES = [
  'ConfigurationValid',
  'DeploymentReady',
  'ServiceReady',
  'Verified',
  'Available',
  'Ready',
  'Reconciling',
  'Stalled',
  'Suspended',
  'SessionsAtRisk',
  'Orphaned',
] as const;
/** Type of a condition. */
export type ConditionType = (typeof CONDITION_TYPES)[number];

/** What a phase may be. */
export const PHASES = ['Pending', 'Updating', 'Ready', 'Failed', 'Terminating'] as const;

/** Characters of a condition's message at most, as the CRD says. */
export const MAX_MESSAGE_LENGTH = 32_768;

const condition = z.strictObject({
  type: z.string().min(1).max(316).describe('What the condition is about, for instance Ready.'),
  status: z.enum(['True', 'False', 'Unknown']).describe('Whether it is so.'),
  observedGeneration: z.int().min(0).describe('Generation of the spec the condition speaks of.').optional(),
  lastTransitionTime: z.iso.datetime().describe('When the status last changed.'),
  reason: z.string().min(1).max(1024).regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/).describe('CamelCase reason, for programs.'),
  message: z.string().max(MAX_MESSAGE_LENGTH).describe('What is so and what to do about it, for people.'),
});

/** Schema of `status`. */
export const statusSchema = z.strictObject({
  observedGeneration: z.int().describe('Generation of the spec this status speaks of; -1 until the operator has seen the object.').optional(),
  phase: z
    .enum(PHASES)
    .describe('Summary for people, derived from the conditions; programs use the conditions.')
    .optional(),
  replicas: count('Pods of the Deployment.').optional(),
  readyReplicas: count('Pods of the Deployment that are ready.').optional(),
  selector: z.string().max(1024).describe('Label selector of the pods, for the scale subresource.').optional(),
  endpoint: z.string().max(2048).describe('URL of the MCP endpoint inside the cluster, while some verified pod serves.').optional(),
  server: z
    .strictObject({
      name: z.string().max(256).describe('Name the server gave itself.').optional(),
      version: z.string().max(256).describe('Version the server gave itself.').optional(),
      protocolVersions: z.array(z.string().max(64)).max(32).describe('MCP revisions it was found to speak.').optional(),
      sessions: z.enum(['Stateful', 'Stateless']).describe('Whether it keeps sessions.').optional(),
    })
    .describe('What the MCP handshake found.')
    .optional(),
  conditions: listMap(condition, { keys: ['type'], max: 32 }).describe('The state in detail.').optional(),
  lastTransitionTime: z.iso.datetime().describe('When Ready last changed its status.').optional(),
});

/** Status of an MCPServer. */
export type MCPServerStatus = z.output<typeof statusSchema>;
/** One condition of the status. */
export type Condition = z.output<typeof condition>;
/** Phase of an MCPServer. */
export type Phase = NonNullable<MCPServerStatus['phase']>;

/**
 * The status the CRD gives an MCPServer that no operator has seen. -1 tells kstatus that nothing is known yet; the condition has no
 * generation and, since a default is the same for all, the earliest time there is. To the operator it is no condition.
 */
export const UNOBSERVED_STATUS: MCPServerStatus = {
  observedGeneration: -1,
  phase: 'Pending',
  conditions: [
    {
      type: 'Ready',
      status: 'Unknown',
      reason: 'NotObserved',
      message: 'No operator has looked at this MCPServer yet: is one installed and running, and does it watch this namespace?',
      lastTransitionTime: '1970-01-01T00:00:00Z',
    },
  ],
};
