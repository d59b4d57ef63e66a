-- Health of an MCPServer (mcp.example.com) for Argo CD. Without it Argo CD takes every MCPServer for healthy.
-- Install it under the key resource.customizations.health.mcp.example.com_MCPServer of the ConfigMap argocd-cm.

local health = { status = "Progressing", message = "Waiting for the operator." }

if obj.metadata.deletionTimestamp ~= nil then
  health.message = "Being deleted."
  return health
end

-- What the status says of an earlier generation is no news.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return health
end

local conditions = {}
for _, condition in ipairs(obj.status.conditions or {}) do
  if condition.type ~= nil then
    conditions[condition.type] = condition
  end
end
local ready = conditions.Ready
local function isTrue(kind)
  return conditions[kind] ~= nil and conditions[kind].status == "True"
end

if ready == nil then
  return health
end
health.message = (ready.reason or "Ready") .. ": " .. (ready.message or "")

if isTrue("Reconciling") or ready.status == "Unknown" then
  health.status = "Progressing"
elseif isTrue("Suspended") then
  health.status = "Suspended"
elseif isTrue("Stalled") or ready.status == "False" then
  health.status = "Degraded"
elseif ready.status == "True" then
  health.status = "Healthy"
end
return health
