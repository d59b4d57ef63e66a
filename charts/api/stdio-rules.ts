// Rules about servers that speak stdio, and the bridge that serves them: see rules.ts.
import { BRIDGE_NAME, BRIDGE_PATH, CACHE_NAME, CACHE_PATH, HEALTH_PORT_NAME } from './labels.ts';
import type { SpecRule } from './spec-rule.ts';
import type { ResolvedSpec } from './spec.ts';

/** What is said of a stdio server whose program is not named. */
export const COMMAND_MESSAGE =
  'a stdio server needs command: what its image starts cannot be seen from outside, and "docker inspect IMAGE" or "crane config IMAGE" show it as Entrypoint and Cmd';

/** Whether the command names a program. */
export const namesProgram = ({ command = [] }: Pick<ResolvedSpec, 'command'>): boolean => (command[0] ?? '') !== '';
const isStdio = ({ transport }: Pick<ResolvedSpec, 'transport'>): boolean => transport === 'stdio';
/** Storage may take the place of the caches. */
const TAKEN_PATHS = { files: [BRIDGE_PATH, CACHE_PATH], storage: [BRIDGE_PATH] } as const;
const TAKEN_VOLUMES: readonly unknown[] = [BRIDGE_NAME, CACHE_NAME];
const celList = (values: readonly unknown[]): string => `[${values.map((value) => `'${String(value)}'`).join(', ')}]`;
const freeCel = (list: keyof typeof TAKEN_PATHS): string =>
  `(!has(self.${list}) || self.${list}.all(f, !(f.mountPath in ${celList(TAKEN_PATHS[list])}) && (!has(f.volume) || !(f.volume in ${celList(TAKEN_VOLUMES)}))))`;

export const STDIO_RULES: readonly SpecRule[] = [
  {
    field: 'command',
    cel: "self.transport != 'stdio' || (has(self.command) && self.command[0] != '')",
    message: COMMAND_MESSAGE,
    sparesStored: true,
    ofSpec: true,
    meanwhile: 'it runs as before, and nothing outside its pod can reach it',
    holds: (spec) => !isStdio(spec) || namesProgram(spec),
  },
  {
    field: 'stdio',
    cel: "!has(self.stdio) || self.transport == 'stdio'",
    message: 'stdio says how a server is served that speaks stdio: set transport to stdio, or remove stdio',
    holds: ({ transport, stdio }) => stdio === undefined || transport === 'stdio',
  },
  {
    field: 'extraPorts',
    cel: `self.transport != 'stdio' || !has(self.extraPorts) || self.extraPorts.all(p, p.name != '${HEALTH_PORT_NAME}')`,
    message: `the port name ${HEALTH_PORT_NAME} is taken by the bridge of a stdio server: choose another name`,
    holds: (spec) => !isStdio(spec) || (spec.extraPorts ?? []).every(({ name }) => name !== HEALTH_PORT_NAME),
  },
  {
    field: 'files',
    cel: `self.transport != 'stdio' || (${freeCel('files')} && ${freeCel('storage')} && (!has(self.configAs) || !has(self.configAs.mountPath) || !(self.configAs.mountPath in ${celList(TAKEN_PATHS.files)})))`,
    message: `the volumes ${BRIDGE_NAME} and ${CACHE_NAME}, the path ${BRIDGE_PATH} and, but for storage, the path ${CACHE_PATH} are taken by the bridge of a stdio server: choose others`,
    holds: (spec) => !isStdio(spec) || hasPlace(spec),
  },
];

function isFree(kind: keyof typeof TAKEN_PATHS, path: string | undefined): boolean {
  return !TAKEN_PATHS[kind].some((taken) => taken === path);
}

function hasPlace({ files = [], storage = [], configAs }: ResolvedSpec): boolean {
  return [...files, ...storage].every(({ volume }) => !TAKEN_VOLUMES.includes(volume)) &&
    files.every(({ mountPath }) => isFree('files', mountPath)) &&
    storage.every(({ mountPath }) => isFree('storage', mountPath)) &&
    isFree('files', configAs?.mountPath);
}
