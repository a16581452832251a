-- What a run uses is counted, call by call, and can be limited for the whole run.
--
--   llmspell run examples/lua/budget.lua --max-tokens 12

local counter = Agent.create({ name = "counter", model = "echo" })

local _, problem = pcall(function()
  for round = 1, 10 do
    local answer = counter:execute({ text = "one two three", parameters = {} })
    print("round " .. round .. ": " .. answer.metadata.token_count .. " tokens")
    counter:clear_conversation()
  end
end)
print(problem.kind)
print("used " .. Agent.usage().tokens .. " tokens")
