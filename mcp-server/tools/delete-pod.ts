// The tool delete-pod.
import * as z from 'zod';
import { dnsSubdomain, namespaceArgument } from '../names.ts';
import { defineTool } from './tool.ts';

const inputSchema = z.strictObject({ name: dnsSubdomain.describe('Name of the pod to delete'), namespace: namespaceArgument });

const outputSchema = z.object({ name: z.string(), namespace: z.string(), deleted: z.literal(true) });

/** Deletes a pod, with the grace period the pod itself asks for. */
export const deletePod = defineTool({
  name: 'delete-pod',
  title: 'Delete pod',
  description:
    'Deletes one pod, giving it the grace period of its own spec to stop. A pod that belongs to a Deployment or another controller is replaced by a new one.',
  inputSchema,
  outputSchema,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  action: ({ name, namespace }) => ({ verb: 'delete', resource: 'pods', namespace, name }),
  async handler({ name, namespace }, { cluster, signal }) {
    await cluster.deletePod({ name, namespace }, signal);
    return {
      text: `Deleted pod "${name}" from namespace "${namespace}". It may still be listed until its grace period is over.`,
      structured: { name, namespace, deleted: true as const },
    };
  },
});
