// Twenty hostile clients of a kind, by its name, against a port of this machine, until it is ended.
import { attack, HOSTILE_CLIENTS } from '../../support/hostile-clients.ts';

const [, , wanted, port = ''] = process.argv;
const client = HOSTILE_CLIENTS.find(({ name }) => name === wanted);
if (client === undefined) throw new Error(`no hostile clients ${wanted}`);
attack(client, Number(port));
process.on('disconnect', () => process.exit());
