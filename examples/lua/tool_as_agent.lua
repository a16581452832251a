-- A tool as an agent, and an agent as a tool: each stands wherever the other does.
--
--   llmspell run examples/lua/tool_as_agent.lua

-- A tool that is run as an agent asks no model. The prompt goes into the tool's `input`.
local sums = Agent.from_tool("calculator", {
  name = "sums",
  parameters = { operation = "evaluate" },
  capabilities = { "calculation" },
})
local loud = Agent.from_tool("text-manipulator", { name = "loud", parameters = { operation = "uppercase" } })
print(sums:execute("6 * 7").text)

-- It is a step like any other agent,
local both = Agent.pipeline({ steps = { sums, function(text) return "it is " .. text end, loud } })
print(both:execute("2 ^ 10").text)

-- and is chosen by what it is capable of.
local clerk = Agent.create({ name = "clerk", model = "echo", capabilities = { "letters" } })
local desk = Agent.create_composite("desk", { clerk, sums }, { strategy = "capability", fallback_agent = clerk })
for _, request in ipairs({ { text = "1 + 1", capability = "calculation" }, { text = "Dear Sir or Madam" } }) do
  local answer = desk:execute(request)
  print(answer.agent .. ": " .. answer.text)
end

-- An agent becomes a tool, which scripts and agents find by its name.
Agent.wrap_as_tool(clerk, { tool_name = "write_letter", description = "Writes a letter." })
print(Tool.execute("write_letter", { text = "Thank you." }).text)
local boss = Agent.create({ name = "boss", model = "echo", allowed_tools = { "write_letter", "calculator" } })
print(table.concat(boss:discover_tools(), ", "))
