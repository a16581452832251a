-- Agents in a row, each working on what the one before it gave; and several asked at once.
--
--   llmspell run examples/lua/pipeline.lua --scripted examples/scripted.yaml

local outline = Agent.create({ name = "outline", model = "scripted/outline" })
local draft = Agent.create({ name = "draft", model = "scripted/draft" })

local writer = Agent.pipeline({
  name = "writer",
  steps = {
    outline,
    function(text) return text:upper() end,
    draft,
  },
})

local answer = writer:execute("Write about scripts.")
print(answer.text)
print(table.concat(answer.path, " -> "))
