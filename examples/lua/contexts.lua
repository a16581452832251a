-- Contexts: facts that agents are told. A child sees its parent's facts, and memory is shared by scope.
--
--   llmspell run examples/lua/contexts.lua

local order = Agent.create_context({ user_id = "ada", data = { product = "bicycle", colour = "green" } })
local repair = Agent.create_child_context(order, { type = "user", id = "ada" }, "inherit")
Agent.update_context(repair, "problem", "a flat tyre")
Agent.set_shared_memory({ type = "user", id = "ada" }, "speaks", "English")

print(Agent.get_context_data(repair, "product"), Agent.get_context_data(order, "problem"))

local clerk = Agent.create({ name = "clerk", model = "echo", system_prompt = "Be kind." })
local answer = clerk:execute_with_context("What is to be done?", repair)
print(answer.text)
print("the model was told:")
print(answer.metadata.response.system_prompt)

-- The other agent goes on with the conversation, and is told one more fact.
local mechanic = Agent.create({ name = "mechanic", model = "echo" })
local done = clerk:handoff(mechanic, "Please mend it.", { history = "last", context = { bay = 3 } })
print(table.concat(done.path, " -> ") .. ": " .. done.text)
for _, turn in ipairs(mechanic:get_conversation()) do
  print("  " .. turn.role .. ": " .. turn.text)
end
