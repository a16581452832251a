-- Work that takes too long ends with an error, and work that fails is tried again.
--
--   llmspell run examples/lua/timeouts_and_retries.lua

local ok, problem = pcall(Async.timeout, function()
  Async.sleep(60)
end, 0.05)
print(ok, problem.kind)

local attempts = 0
local result = Async.retry(function()
  attempts = attempts + 1
  if attempts < 3 then error("attempt " .. attempts .. " failed") end
  return "done at attempt " .. attempts
end, { attempts = 5, base_delay = 0.001 })
print(result)
