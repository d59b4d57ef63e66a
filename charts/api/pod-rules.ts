// Rules about probes, hooks, names, disruption and rollouts: see rules.ts.
import { exactlyOneCel, hasExactlyOne } from './exactly-one.ts';
import { HEALTH_PORT_NAME, PORT_NAME } from './labels.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

type Probe = NonNullable<NonNullable<ResolvedSpec['probes']>['startup']>;

const HANDLERS = ['httpGet', 'tcpSocket', 'grpc', 'exec'] as const;

const count = (...values: readonly unknown[]): number => values.filter((value) => value !== undefined).length;

type ProbeName = 'startup' | 'readiness' | 'liveness';

function probeRule(name: ProbeName, rule: Omit<SpecRule, 'holds'> & { holds: (probe: Probe) => boolean }): SpecRule {
  return {
    field: rule.field,
    cel: `!has(self.probes) || !has(self.probes.${name}) || ${rule.cel}`,
    message: rule.message,
    holds: ({ probes }) => probes?.[name] === undefined || rule.holds(probes[name]),
  };
}

const oneHandler = (name: ProbeName): SpecRule =>
  probeRule(name, {
    field: `probes.${name}`,
    cel: exactlyOneCel(`self.probes.${name}`, HANDLERS),
    message: `probes.${name} needs exactly one of httpGet, tcpSocket, grpc and exec`,
    holds: (probe) => hasExactlyOne(probe, HANDLERS),
  });

const oneSuccess = (name: 'startup' | 'liveness'): SpecRule =>
  probeRule(name, {
    field: `probes.${name}.successThreshold`,
    cel: `(!has(self.probes.${name}.successThreshold) || self.probes.${name}.successThreshold == 1)`,
    message: `probes.${name}.successThreshold can only be 1: leave it out`,
    holds: ({ successThreshold = 1 }) => successThreshold === 1,
  });

const NAMED_HANDLERS = ['httpGet', 'tcpSocket'] as const;
const PROBES: readonly ProbeName[] = ['startup', 'readiness', 'liveness'];

/** Named ports are those of the container: mcp, the extra ones, and health of a bridge. */
function portsExist({ probes = {}, postStart, transport, extraPorts = [] }: ResolvedSpec): boolean {
  const names = [PORT_NAME, ...(transport === 'stdio' ? [HEALTH_PORT_NAME] : []), ...extraPorts.map(({ name }) => name)];
  const ports = [postStart?.httpGet?.port, ...PROBES.flatMap((probe) => NAMED_HANDLERS.map((handler) => probes[probe]?.[handler]?.port))];
  return ports.every((port) => typeof port !== 'string' || names.includes(port));
}

const probePorts = PROBES.flatMap((probe) => NAMED_HANDLERS.map((handler) => `self.?probes.?${probe}.?${handler}.?port`));
const probePortsCel = [...probePorts, 'self.?postStart.?httpGet.?port'].join(', ');
// Optional chaining would hide the bound of extraPorts from the estimate of the rule's cost.
const portExistsCel = `[${probePortsCel}].all(p, type(p.orValue(1)) == int || p.value() == '${PORT_NAME}' || (self.transport == 'stdio' && p.value() == '${HEALTH_PORT_NAME}') || (has(self.extraPorts) && self.extraPorts.exists(e, e.name == p.value())))`;

/** Whether a number or percentage of pods is none. */
export function isNoPod(value: number | string): boolean {
  return /^0+%?$/.test(String(value));
}

const isNone = (path: string): string => `string(${path}).matches('^0+%?$')`;

export const POD_RULES: readonly SpecRule[] = [
  oneHandler('startup'),
  oneHandler('readiness'),
  oneHandler('liveness'),
  oneSuccess('startup'),
  oneSuccess('liveness'),
  {
    field: 'probes',
    cel: portExistsCel,
    message: 'a probe or postStart can name mcp or one of extraPorts (and health with transport stdio): use such a name, or the number of the port',
    holds: portsExist,
  },
  {
    field: 'disruption',
    cel: `self.disruption.mode == 'Custom' ? ${exactlyOneCel('self.disruption', ['minAvailable', 'maxUnavailable'])} : !has(self.disruption.minAvailable) && !has(self.disruption.maxUnavailable)`,
    message: 'disruption needs exactly one of minAvailable and maxUnavailable with mode Custom, and neither with another mode',
    holds: ({ disruption: { mode, minAvailable, maxUnavailable } }) => count(minAvailable, maxUnavailable) === (mode === 'Custom' ? 1 : 0),
  },
  {
    field: 'postStart',
    cel: `!has(self.postStart) || has(self.postStart.exec) != has(self.postStart.httpGet)`,
    message: 'postStart needs exactly one of exec and httpGet',
    holds: ({ postStart }) => postStart === undefined || hasExactlyOne(postStart, ['exec', 'httpGet']),
  },
  {
    field: 'strategy',
    cel: "self.strategy.type == 'RollingUpdate' || (!has(self.strategy.maxSurge) && !has(self.strategy.maxUnavailable))",
    message: 'maxSurge and maxUnavailable are of a rolling update: remove them, or set strategy.type to RollingUpdate',
    holds: ({ strategy: { type, maxSurge, maxUnavailable } }) => type === 'RollingUpdate' || count(maxSurge, maxUnavailable) === 0,
  },
  {
    field: 'strategy',
    cel: `!has(self.strategy.maxSurge) || !${isNone('self.strategy.maxSurge')} || (has(self.strategy.maxUnavailable) && !${isNone('self.strategy.maxUnavailable')})`,
    message: 'with maxSurge 0 an old pod has to go before a new one comes: set maxUnavailable to 1 or more as well, or remove maxSurge',
    holds: ({ strategy: { maxSurge, maxUnavailable = 0 } }) => maxSurge === undefined || !isNoPod(maxSurge) || !isNoPod(maxUnavailable),
  },
  {
    field: 'dnsPolicy',
    cel: "!has(self.dnsPolicy) || self.dnsPolicy != 'None' || (has(self.dnsConfig) && has(self.dnsConfig.nameservers))",
    message: 'with dnsPolicy None pods ask only the name servers of dnsConfig: name one in dnsConfig.nameservers, or choose another policy',
    holds: ({ dnsPolicy, dnsConfig }) => dnsPolicy !== 'None' || dnsConfig?.nameservers !== undefined,
  },
];
