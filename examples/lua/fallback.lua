-- When a provider fails: ask again after a pause, then ask another one, and say at the end who answered.
--
--   llmspell run examples/lua/fallback.lua --scripted examples/scripted.yaml

-- Overloaded twice, then it answers: the agent asks again by itself.
local patient = Agent.create({
  name = "patient",
  model = "scripted/overloaded",
  retries = { attempts = 3, backoff_seconds = 0.01 },
})
print(patient:execute("Are you there?").text)

-- This one never answers, so the next in the row does.
local row = Agent.create_composite("row", {
  Agent.create({ name = "large", model = "scripted/down" }),
  Agent.create({ name = "small", model = "echo" }),
}, "fallback")
local answer = row:execute("And you?")
print(answer.agent .. ": " .. answer.text)

-- The same by hand, where more is to be done about it.
local ok, problem = pcall(function()
  return Agent.create({ name = "huge", model = "scripted/down" }):execute("And you?")
end)
print(ok, problem.kind, problem.message)
