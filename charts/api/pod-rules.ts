// Rules about probes, volumes and disruption: see rules.ts.
import { PORT_NAME } from './labels.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

type Probe = NonNullable<NonNullable<ResolvedSpec['probes']>['startup']>;

/** Folders every pod has anyway. */
const OWN_MOUNT_PATHS = ['/tmp', '/etc/mcp'];
const HANDLERS = ['httpGet', 'tcpSocket', 'grpc', 'exec'] as const;

/** CEL that is true when the item has exactly one of the fields. */
const exactlyOne = (item: string, fields: readonly string[]): string => `[${fields.map((field) => `has(${item}.${field})`).join(', ')}].filter(x, x).size() == 1`;
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
    cel: exactlyOne(`self.probes.${name}`, HANDLERS),
    message: `probes.${name} needs exactly one of httpGet, tcpSocket, grpc and exec`,
    holds: (probe) => count(...HANDLERS.map((handler) => probe[handler])) === 1,
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

/** Named ports are those of the container: mcp, and the extra ones. */
function portsExist({ probes = {}, transport, extraPorts = [] }: ResolvedSpec): boolean {
  const names = transport === 'stdio' ? [] : [PORT_NAME, ...extraPorts.map(({ name }) => name)];
  const ports = PROBES.flatMap((probe) => NAMED_HANDLERS.map((handler) => probes[probe]?.[handler]?.port));
  return ports.every((port) => typeof port !== 'string' || names.includes(port));
}

const probePortsCel = PROBES.flatMap((probe) => NAMED_HANDLERS.map((handler) => `self.probes.?${probe}.?${handler}.?port`)).join(', ');
// Optional chaining would hide the bound of extraPorts from the estimate of the rule's cost.
const portExistsCel = `[${probePortsCel}].all(p, type(p.orValue(1)) == int || (self.transport != 'stdio' && (p.value() == '${PORT_NAME}' || (has(self.extraPorts) && self.extraPorts.exists(e, e.name == p.value())))))`;

function mountPathsAreFree({ files = [], storage = [] }: ResolvedSpec): boolean {
  const paths = [...OWN_MOUNT_PATHS, ...files.map(({ mountPath }) => mountPath), ...storage.map(({ mountPath }) => mountPath)];
  return new Set(paths).size === paths.length;
}

const taken = OWN_MOUNT_PATHS.map((path) => `'${path}'`).join(', ');

export const POD_RULES: readonly SpecRule[] = [
  oneHandler('startup'),
  oneHandler('readiness'),
  oneHandler('liveness'),
  oneSuccess('startup'),
  oneSuccess('liveness'),
  {
    field: 'probes',
    cel: `!has(self.probes) || (${portExistsCel})`,
    message: 'a probe can name mcp or one of extraPorts (a stdio server has neither): use such a name, or the number of the port',
    holds: portsExist,
  },
  {
    field: 'files',
    cel: `!has(self.files) || self.files.all(f, ${exactlyOne('f', ['secret', 'configMap'])})`,
    message: 'an item of files needs exactly one of secret and configMap',
    holds: ({ files = [] }) => files.every(({ secret, configMap }) => count(secret, configMap) === 1),
  },
  {
    field: 'storage',
    cel: `!has(self.storage) || self.storage.all(s, ${exactlyOne('s', ['emptyDir', 'persistentVolumeClaim'])})`,
    message: 'an item of storage needs exactly one of emptyDir and persistentVolumeClaim',
    holds: ({ storage = [] }) => storage.every(({ emptyDir, persistentVolumeClaim }) => count(emptyDir, persistentVolumeClaim) === 1),
  },
  {
    field: 'files',
    cel: `(!has(self.files) || self.files.all(f, !(f.mountPath in [${taken}]) && (!has(self.storage) || !self.storage.exists(s, s.mountPath == f.mountPath)))) && (!has(self.storage) || self.storage.all(s, !(s.mountPath in [${taken}])))`,
    message: 'every mountPath of files and storage can be used once, and /tmp and /etc/mcp are taken: choose another path',
    holds: mountPathsAreFree,
  },
  {
    field: 'disruption',
    cel: `self.disruption.mode == 'Custom' ? ${exactlyOne('self.disruption', ['minAvailable', 'maxUnavailable'])} : !has(self.disruption.minAvailable) && !has(self.disruption.maxUnavailable)`,
    message: 'disruption needs exactly one of minAvailable and maxUnavailable with mode Custom, and neither with another mode',
    holds: ({ disruption: { mode, minAvailable, maxUnavailable } }) => count(minAvailable, maxUnavailable) === (mode === 'Custom' ? 1 : 0),
  },
];
