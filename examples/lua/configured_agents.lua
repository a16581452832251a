-- Agents of the configuration are there for every script, and hand over to each other.
--
--   llmspell run examples/lua/configured_agents.lua --config examples/llmspell-example.toml --scripted examples/scripted.yaml

for _, agent in ipairs(Agent.list()) do
  print(agent.name, agent.model, agent.description)
end

local answer = Agent.get("desk"):execute("The tap in my kitchen drips.")
print(answer.text)
print(table.concat(answer.path, " -> "))
