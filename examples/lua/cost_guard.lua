-- A guard of costs: a hook counts what is spent, warns, and at last answers instead of the model.
--
--   llmspell run examples/lua/cost_guard.lua --scripted examples/scripted.yaml

local LIMIT = 0.05
local spent = 0

Hook.register("post_llm", function(context)
  local usage = context.data.usage
  if not usage then return end -- it was not the model that answered
  spent = spent + (usage.cost or 0)
  if spent > LIMIT / 2 then Event.publish("budget.low", { left = LIMIT - spent }) end
end)

Hook.register("pre_llm", function()
  if spent < LIMIT then return end
  return { type = "replace", data = { text = "(the money is gone; ask again tomorrow)" } }
end)

local warnings = Event.subscribe("budget.low")

local oracle = Agent.create({ name = "oracle", model = "scripted/oracle" })
for question = 1, 4 do
  print(question .. ". " .. oracle:execute("Tell me more.").text)
end
print(string.format("the first warning came with $%.2f left", Event.receive(warnings, 1000).data.left))
print(string.format("spent $%.2f of $%.2f, in %d calls", spent, LIMIT, Agent.usage().calls))
