// What an installed package offers to import. Only users import this file.
export { API_VERSION, GROUP, KIND, VERSION } from './api/group.ts';
export { customResourceDefinition } from './api/crd.ts';
export { InvalidMCPServerError, isMCPServer, resolveSpec, type MCPServerManifest, type Problem } from './api/mcpserver.ts';
export type { MCPServerSpec, ResolvedSpec, Transport } from './api/spec.ts';
export type { Condition, ConditionType, MCPServerStatus } from './api/status.ts';
export { MCPServer, type MCPServerProps } from './mcpserver.ts';
export { Guards, type GuardsProps } from './operator/guards/guards.ts';
export type { MonitoringProps } from './operator/monitoring/props.ts';
export { Operator, type OperatorProps } from './operator/operator.ts';
export { addToChart, render, type Manifest, type RenderOptions } from './render.ts';
export { DEFAULT_SETTINGS, type BridgeBy, type RenderSettings } from './settings.ts';
export { toYaml } from './yaml-text.ts';
export { MCPServerValidation, type ValidationContext } from './checks/validation.ts';
