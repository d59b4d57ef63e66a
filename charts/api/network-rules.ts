// Rules about ports, Service and network policy: see rules.ts.
import { PORT_NAME } from '../labels.ts';
import { GROUP } from './group.ts';
import { LABEL_KEY } from './scheduling-fields.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** Annotations of the operator and of tools that track what they applied: on a Service they would claim it for somebody else. */
const RESERVED_PREFIXES = [GROUP, 'argocd.argoproj.io', 'kustomize.toolkit.fluxcd.io'].map((prefix) => `${prefix}/`);
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function portsAreFree({ port, service, extraPorts = [] }: ResolvedSpec): boolean {
  const ports = extraPorts.map((extra) => extra.port);
  return new Set(ports).size === ports.length && !ports.includes(port) && !ports.includes(service?.port ?? port);
}

function isFreeAnnotation(key: string): boolean {
  return LABEL_KEY.test(key) && key !== LAST_APPLIED && !RESERVED_PREFIXES.some((prefix) => key.startsWith(prefix));
}

const reserved = RESERVED_PREFIXES.map((prefix) => `!k.startsWith('${prefix}')`).join(' && ');

export const NETWORK_RULES: readonly SpecRule[] = [
  {
    field: 'extraPorts',
    cel: "self.transport != 'stdio' || !has(self.extraPorts) || self.extraPorts.size() == 0",
    message: 'a stdio server has no Service and no ports: remove extraPorts or choose an HTTP transport',
    holds: ({ transport, extraPorts = [] }) => transport !== 'stdio' || extraPorts.length === 0,
  },
  {
    field: 'extraPorts',
    cel: `!has(self.extraPorts) || self.extraPorts.all(p, p.name != '${PORT_NAME}')`,
    message: `the port name ${PORT_NAME} is taken: spec.port has it; choose another name`,
    holds: ({ extraPorts = [] }) => extraPorts.every(({ name }) => name !== PORT_NAME),
  },
  {
    field: 'extraPorts',
    cel: '!has(self.extraPorts) || self.extraPorts.all(p, p.port != self.port && (!has(self.service) || !has(self.service.port) || p.port != self.service.port) && self.extraPorts.exists_one(q, q.port == p.port))',
    message: 'every port number of extraPorts can be used once, and spec.port and service.port are taken: choose another number',
    holds: portsAreFree,
  },
  {
    field: 'service',
    cel: "self.transport != 'stdio' || !has(self.service)",
    message: 'a stdio server has no Service: remove service or choose an HTTP transport',
    holds: ({ transport, service }) => transport !== 'stdio' || service === undefined,
  },
  {
    field: 'service.loadBalancerClass',
    cel: "!has(self.service) || !has(self.service.loadBalancerClass) || self.service.type == 'LoadBalancer'",
    message: 'service.loadBalancerClass needs type LoadBalancer: set the type, or remove the class',
    holds: ({ service }) => service?.loadBalancerClass === undefined || service.type === 'LoadBalancer',
  },
  {
    field: 'service.externalTrafficPolicy',
    cel: "!has(self.service) || !has(self.service.externalTrafficPolicy) || self.service.type != 'ClusterIP'",
    message: 'service.externalTrafficPolicy needs type NodePort or LoadBalancer: set the type, or remove the policy',
    holds: ({ service }) => service?.externalTrafficPolicy === undefined || service.type !== 'ClusterIP',
  },
  {
    field: 'service.sessionAffinityTimeoutSeconds',
    cel: "!has(self.service) || !has(self.service.sessionAffinityTimeoutSeconds) || self.service.sessionAffinity != 'None'",
    message: 'service.sessionAffinityTimeoutSeconds means nothing with sessionAffinity None: remove it, or choose ClientIP or Auto',
    holds: ({ service }) => service?.sessionAffinityTimeoutSeconds === undefined || service.sessionAffinity !== 'None',
  },
  {
    field: 'service.annotations',
    cel: `!has(self.service) || !has(self.service.annotations) || self.service.annotations.all(k, k.matches(r'${LABEL_KEY.source}') && k != '${LAST_APPLIED}' && ${reserved})`,
    message: `service.annotations needs valid keys, and none of ${GROUP}/*, argocd.argoproj.io/*, kustomize.toolkit.fluxcd.io/* and last-applied: they mark owners`,
    holds: ({ service }) => Object.keys(service?.annotations ?? {}).every(isFreeAnnotation),
  },
];
