// The prompt optimize-resources.
import * as z from 'zod';
import { dnsLabel } from '../names.ts';
import { definePrompt } from './prompt.ts';

/** Leads a model through a review of what a namespace requests, may use and does use. */
export const optimizeResources = definePrompt({
  name: 'optimize-resources',
  title: 'Optimize resources',
  description: 'A review of requests, limits, scaling and quotas of a namespace, with concrete changes.',
  argsSchema: z.object({
    namespace: dnsLabel.optional().describe('Namespace to review; default when left out'),
  }),
  text: ({ namespace = 'default' }) => `Review how the workloads of the Kubernetes namespace "${namespace}" use their resources, and recommend changes.

1. Inventory: read the resource k8s://namespace/${namespace}/pods for the pods, their phase and restarts, and k8s://cluster/nodes for what the nodes offer.
2. Requests, limits and real use: compare kubectl top pods -n ${namespace} --containers with requests and limits in kubectl get pods -n ${namespace} -o yaml. Without a metrics server say that use is unknown; do not guess it.
3. Right size: name containers without requests, those that use far less than they request, and those close to their memory limit. For pods that restart, get-pod-logs with previous=true tells whether memory was the reason.
4. Scaling: check HorizontalPodAutoscalers (target, bounds, current replicas) and whether a fixed replica count hides one that is needed.
5. Quotas: compare ResourceQuota and LimitRange of the namespace with the sum of its requests and limits.
6. Nodes: weigh the sum of requests against the nodes' capacity, and say what the loss of one node would mean.

For every recommendation give the object, the present and the proposed values, the reason with its numbers, the risk, and the YAML to apply. Order them by benefit. Do not create or delete pods during the review.`,
});
