-- An answer that is long enough: the stream is left as soon as the first sentence is there.
--
--   llmspell run examples/lua/early_stop.lua --scripted examples/scripted.yaml

local teller = Agent.create({ name = "teller", model = "scripted/teller" })

local text, chunks = "", 0
for chunk in teller:stream("Tell me of the sea."):iter() do
  text = text .. chunk.text
  chunks = chunks + 1
  if text:find("%.") then break end -- the model is told to stop, and the rest is not paid for
end
print(text)
print(chunks .. " pieces")

-- The same within a time: what does not come soon enough is not waited for.
local slow = Agent.create({ name = "slow", model = "scripted/slow" })
local ok, problem = pcall(Async.timeout, function() return slow:execute("And now?") end, 0.05)
print(ok, problem.kind)
