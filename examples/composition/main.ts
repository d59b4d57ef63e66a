// The cdk8s app: one file of manifests per environment in dist/, for Argo CD or Flux.
import { App } from 'cdk8s';
import { ToolsChart } from './tools.ts';

const app = new App();
new ToolsChart(app, 'tools-staging', { namespace: 'tools-staging', host: 'mcp.staging.example.com', imageTag: '1.5.0-rc.1' });
new ToolsChart(app, 'tools', { namespace: 'tools', host: 'mcp.example.com', imageTag: '1.4.2', replicas: 3 });
app.synth();
