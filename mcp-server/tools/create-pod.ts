// The tool create-pod: one pod with one container, with bounded resources.
import * as z from 'zod';
import type { Pod } from '../cluster/port.ts';
import { dnsLabel, namespaceArgument, textUpTo } from '../names.ts';
import { defineTool } from './tool.ts';

const inputSchema = z.strictObject({
  // The container carries the pod's name, so the stricter rule of container names holds for both.
  name: dnsLabel.describe('Name of the new pod, also of its container'),
  image: textUpTo(1024).regex(/^\S+$/, 'must not contain blanks').describe('Container image, for example nginx:alpine'),
  namespace: namespaceArgument,
});

const outputSchema = z.object({ name: z.string(), namespace: z.string(), image: z.string(), uid: z.string() });

/**
 * The pod that create-pod creates. Beyond limits it forbids privilege escalation, filters system calls and mounts no
 * API token: none of these breaks an ordinary image. It does not demand a non-root user, because many public images
 * start as root; a namespace that enforces Pod Security `restricted` therefore refuses it.
 */
export function podOf(args: z.output<typeof inputSchema>): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: args.name, namespace: args.namespace, labels: { 'created-by': 'mcp-server' } },
    spec: {
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [
        {
          name: args.name,
          image: args.image,
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '500m', memory: '512Mi' } },
          securityContext: { allowPrivilegeEscalation: false },
        },
      ],
    },
  };
}

/** Creates a pod; its label `created-by: mcp-server` tells where it came from. */
export const createPod = defineTool({
  name: 'create-pod',
  title: 'Create pod',
  description:
    'Creates a pod with one container from an image. Requests 100m CPU and 128Mi memory, limits 500m and 512Mi, label created-by=mcp-server. Returns at once; whether the pod runs is seen in the resource k8s://namespace/{namespace}/pods.',
  inputSchema,
  outputSchema,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  action: ({ name, namespace }) => ({ verb: 'create', resource: 'pods', namespace, name }),
  async handler(args, { cluster, signal }) {
    const created = await cluster.createPod(podOf(args), signal);
    const { name, namespace, image } = args;
    const uid = created.metadata.uid ?? '';
    return {
      text: `Created pod "${name}" in namespace "${namespace}".\nImage: ${image}\nUID: ${uid}`,
      structured: { name, namespace, image, uid },
    };
  },
});
