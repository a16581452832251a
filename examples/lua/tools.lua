-- The model calls tools on its way to an answer: one of llmspell's own, and one written here.
--
--   llmspell run examples/lua/tools.lua --scripted examples/scripted.yaml

local prices = { apple = 0.5, pear = 0.75 }

local shopkeeper = Agent.create({
  name = "shopkeeper",
  model = "scripted/shop",
  allowed_tools = { "calculator" },
  tools = {
    {
      name = "price_of",
      description = "The price of a fruit.",
      parameters = {
        type = "object",
        properties = { fruit = { type = "string" } },
        required = { "fruit" },
      },
      handler = function(arguments)
        return { price = prices[arguments.fruit] }
      end,
    },
  },
})

local answer = shopkeeper:execute("What do six apples and two pears cost?")
for _, call in ipairs(answer.tool_calls) do
  print(call.tool, call.success)
end
print(answer.text)
