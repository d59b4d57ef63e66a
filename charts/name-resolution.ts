// How names are resolved in the pods.
import type { k8s } from 'cdk8s-plus-28';
import type { ResolvedServer } from './server.ts';

/** The part of the pod that concerns names. What is empty is left out. */
export function nameResolution({ spec: { hostAliases = [], dnsPolicy, dnsConfig = {} } }: ResolvedServer): Partial<k8s.PodSpec> {
  return {
    ...(Object.keys(dnsConfig).length > 0 && { dnsConfig: dnsConfig as k8s.PodDnsConfig }),
    ...(dnsPolicy !== undefined && { dnsPolicy }),
    ...(hostAliases.length > 0 && { hostAliases }),
  };
}
