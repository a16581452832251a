-- Two levels of agents: a lead gives parts of the work to editors, who give theirs to writers.
--
--   llmspell run examples/lua/hierarchy.lua --scripted examples/scripted.yaml

local function writer(name)
  return Agent.create({ name = name, model = "echo", description = "Writes " .. name .. "." })
end

local editor = Agent.template("orchestrator", {
  name = "editor",
  description = "Has a page written and joins it.",
  model = "scripted/editor",
  tools = { writer("headlines"), writer("articles") },
})

local lead = Agent.template("orchestrator", {
  name = "lead",
  model = "scripted/lead",
  tools = { editor },
})

print(lead:execute("Make the paper of today.").text)

local function show(node, depth)
  print(string.rep("  ", depth) .. node.name .. " (" .. node.type .. ")")
  for _, child in ipairs(node.children) do show(child, depth + 1) end
end
show(Agent.get_hierarchy("lead").root, 0)

local details = Agent.get_details("editor")
print(details.name .. " was asked " .. details.metrics.executions .. " time and called "
  .. details.metrics.tool_calls .. " tools")
