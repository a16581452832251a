-- Testing what uses models: cases in a table, answers from a cassette, so that nothing costs and nothing varies.
-- Record it anew when prompts change: add --record-missing and, for this model, --scripted examples/scripted.yaml.
--
--   llmspell run examples/lua/testing.lua --cassette examples/cassettes/testing.jsonl

local function classify(text)
  local agent = Agent.create({ model = "scripted/mood", temperature = 0 })
  return agent:execute("Glad or sad? " .. text).text
end

local cases = {
  { name = "thanks", text = "Thank you so much!", expect = "glad" },
  { name = "a loss", text = "I have lost my keys.", expect = "sad" },
  { name = "what the model gets wrong", text = "I could not be happier.", expect = "glad" },
}

local failed = 0
for _, case in ipairs(cases) do
  local ok, answer = pcall(classify, case.text)
  local passed = ok and answer == case.expect
  if not passed then failed = failed + 1 end
  print((passed and "ok   " or "FAIL ") .. case.name .. (passed and "" or ": got " .. tostring(answer)))
end
print(#cases - failed .. " of " .. #cases .. " passed")
-- A real test would end with os.exit(failed == 0 and 0 or 1).
