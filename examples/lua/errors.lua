-- What goes wrong has a kind, a message that says what to do, and its causes.
--
--   llmspell run examples/lua/errors.lua --scripted examples/scripted.yaml

local _, problem = pcall(Agent.create, { model = "echo", temprature = 0.2 })  -- llmspell: ignore unknown-option
print(problem.kind .. ": " .. problem.message)

_, problem = pcall(Agent.create, { model = "nowhere/large" })
print(problem.kind)

local agent = Agent.create({ model = "scripted/broken" })
_, problem = pcall(agent.execute, agent, "Is anybody there?")
print(problem.kind .. ": " .. problem.message)
