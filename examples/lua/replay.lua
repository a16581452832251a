-- A recorded conversation, replayed: no key, no network, no provider, the same answers each time.
-- It was recorded with `--scripted examples/scripted.yaml --record`; calls of any provider are recorded alike.
--
--   llmspell run examples/lua/replay.lua --cassette examples/cassettes/replay.jsonl

local poet = Agent.create({ name = "poet", model = "scripted/poet", temperature = 0 })

print(poet:execute("Name a colour. Answer with one word.").text)
for chunk in poet:stream("And an animal of that colour, in three words.") do
  io.write("[" .. chunk.text .. "]")
end
print()
