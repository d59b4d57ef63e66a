// The rules of names: zod schemas of Kubernetes names, shared by tools, resources and prompts.
import * as z from 'zod';

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_RULE = 'must consist of lower-case letters, digits and "-", and start and end with a letter or digit';

const text = z.string({ error: ({ input }) => (input === undefined ? 'is required' : 'must be a string') });

/** A text of 1 to `most` characters, required unless said otherwise. */
export function textUpTo(most: number): z.ZodString {
  return text.min(1, 'must not be empty').max(most, `must have at most ${most} characters`);
}

/** A DNS-1123 label: at most 63 characters. Namespaces and containers are named so. */
export const dnsLabel = textUpTo(63).regex(LABEL, LABEL_RULE);

/** A DNS-1123 subdomain: at most 253 characters. Pods are named so. */
export const dnsSubdomain = textUpTo(253).regex(SUBDOMAIN, `${LABEL_RULE}; parts are joined by "."`);

/** The namespace argument of tools: `default` when left out. */
export const namespaceArgument = dnsLabel.default('default').describe('Namespace of the pod');
