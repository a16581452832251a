-- Agents work at the same time, without threads: each call waits, and the others go on.
--
--   llmspell run examples/lua/parallel.lua

local function ask(name)
  return function()
    return Agent.create({ name = name, model = "echo" }):execute("I am " .. name .. ".").text
  end
end

for _, text in ipairs(Async.all({ ask("Ann"), ask("Ben"), ask("Cid") })) do
  print(text)
end

-- The same with promises, and what comes first.
local slow = Async.run(function()
  Async.sleep(5)
  return "slow"
end)
local quick = Async.run(ask("Dan"))
print(Promise.race({ slow, quick }):await())
slow:cancel()

for _, outcome in ipairs(Promise.all_settled({ slow, quick }):await()) do
  print(outcome.status)
end
