-- Tools joined: one after the other, side by side, the first that succeeds, and many calls at once.
--
--   llmspell run examples/lua/tool_chain.lua

local wrap = Tool.chain({
  { tool = "text-manipulator", parameters = { operation = "trim" } },
  { tool = "text-manipulator", parameters = { operation = "uppercase" } },
  { tool = "base64-encoder", parameters = { operation = "encode" } },
})
print(wrap:execute({ input = "  hello  " }).text)

local both = Tool.compose({
  name = "loud_and_short",
  mode = "parallel",
  steps = {
    { tool = "text-manipulator", name = "loud", parameters = { operation = "uppercase" } },
    { tool = "hash-calculator", name = "digest", parameters = { operation = "hash" } },
  },
})
local done = both:execute({ input = "hello" })
print(done.result.loud.result, #done.result.digest.hash)

-- Failures stand among the results, in the place of their calls.
local sums = { "6 * 7", "1 / 0", "2 ^ 10" }
local calls = {}
for index, sum in ipairs(sums) do calls[index] = { tool = "calculator", parameters = { input = sum } } end
for index, result in ipairs(Tool.batch(calls, { max_concurrency = 2 })) do
  print(sums[index], result.success, result.text)
end
