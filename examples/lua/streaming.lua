-- An answer as it comes: with a loop, with a callback, and stopped before its end.
--
--   llmspell run examples/lua/streaming.lua

local teller = Agent.create({ model = "echo" })

for chunk in teller:stream("once upon a time") do
  io.write("[" .. chunk.text .. "]")
end
print()

local words = 0
teller:invoke_stream("there was a script", function(chunk)
  words = words + 1
  return words < 2 -- false ends the stream
end)
print("stopped after " .. words .. " words")
