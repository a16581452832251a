-- Two agents with tools: the front desk hands a customer over to the accountant, who keeps the conversation.
--
--   llmspell run examples/lua/handoff.lua --scripted examples/scripted.yaml

local accountant = Agent.create({
  name = "accountant",
  description = "Answers questions about invoices and sums.",
  model = "scripted/accountant",
  allowed_tools = { "calculator" },
})

local desk = Agent.create({
  name = "desk",
  model = "scripted/desk",
  system_prompt = "You greet customers and hand them to who can help.",
  handoffs = { accountant },
})

local answer = desk:execute("I was charged 3 times 19.90. What is that in all?")
print(answer.agent .. ": " .. answer.text)
print(table.concat(answer.path, " -> "))
for _, call in ipairs(answer.tool_calls) do
  print("called " .. call.tool)
end
