// The cdk8s app: MCPServers for a cluster where the operator runs.
import { App } from 'cdk8s';
import { ToolsChart } from './tools.ts';

const app = new App();
new ToolsChart(app, 'tools', { namespace: 'tools' });
app.synth();
