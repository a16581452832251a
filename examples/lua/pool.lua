-- A pool answers many prompts with few agents at a time; the answers come in the order of the prompts.
--
--   llmspell run examples/lua/pool.lua

local pool = Agent.pool({ name = "translators", agent = { model = "echo" }, size = 3 })

local prompts = {}
for index = 1, 10 do prompts[index] = "sentence " .. index end

local answers = pool:map(prompts)
print(#answers .. " answers, the last is: " .. answers[#answers].text)
