// The dashboards as the data of a ConfigMap. They are made from monitoring/source/ into files, which people import as they are.
import operator from '../../../monitoring/mcp-operator.dashboard.json' with { type: 'json' };
import servers from '../../../monitoring/mcp-servers.dashboard.json' with { type: 'json' };

/** JSON by file name, in one line each: what `kubectl apply` remembers of an object has a limit. */
export const DASHBOARDS: Readonly<Record<string, string>> = {
  'mcp-servers.json': JSON.stringify(servers),
  'mcp-operator.json': JSON.stringify(operator),
};
