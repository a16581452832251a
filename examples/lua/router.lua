-- Routing: a small model says what a request is about, as data, and the specialist for it answers.
--
--   llmspell run examples/lua/router.lua --scripted examples/scripted.yaml

local sorter = Agent.create({
  name = "sorter",
  model = "scripted/sorter",
  output_schema = {
    type = "object",
    properties = {
      topic = { type = "string", enum = { "sums", "letters", "other" } },
      confidence = { type = "number", minimum = 0, maximum = 1 },
    },
    required = { "topic", "confidence" },
  },
})

local specialists = {
  sums = Agent.from_tool("calculator", { name = "sums", parameters = { operation = "evaluate" } }),
  letters = Agent.create({ name = "letters", model = "scripted/letters" }),
  other = Agent.create({ name = "other", model = "echo", system_prompt = "Say that you pass it on." }),
}

for _, request in ipairs({ "12 * 12", "Thank Ada for the book", "Hm?" }) do
  sorter:clear_conversation()
  local verdict = sorter:execute(request).data
  local topic = verdict.confidence >= 0.5 and verdict.topic or "other"
  print(topic .. ": " .. specialists[topic]:execute(request).text)
end
