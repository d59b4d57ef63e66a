// Rules about ports, Service and network policy: see rules.ts.
import { PORT_NAME } from '../labels.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

function portsAreFree({ port, extraPorts = [] }: ResolvedSpec): boolean {
  const ports = extraPorts.map((extra) => extra.port);
  return new Set(ports).size === ports.length && !ports.includes(port);
}

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
    cel: '!has(self.extraPorts) || self.extraPorts.all(p, p.port != self.port && self.extraPorts.exists_one(q, q.port == p.port))',
    message: 'every port number of extraPorts can be used once, and spec.port is taken: choose another number',
    holds: portsAreFree,
  },
];
