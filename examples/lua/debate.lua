-- A debate: two agents answer each other for some rounds, and a third one judges all of it.
--
--   llmspell run examples/lua/debate.lua --scripted examples/scripted.yaml

local speakers = {
  Agent.create({ name = "for tabs", model = "scripted/tabs" }),
  Agent.create({ name = "for spaces", model = "scripted/spaces" }),
}
local judge = Agent.create({
  name = "judge",
  model = "scripted/judge",
  output_schema = {
    type = "object",
    properties = { winner = { type = "string" }, reason = { type = "string" } },
    required = { "winner", "reason" },
  },
})

local said, last = {}, "Tabs or spaces?"
for round = 1, 2 do
  for _, speaker in ipairs(speakers) do
    last = speaker:execute(last).text
    said[#said + 1] = speaker.name .. ", round " .. round .. ": " .. last
    print(said[#said])
  end
end

local verdict = judge:execute("Who was more convincing?\n" .. table.concat(said, "\n")).data
print(verdict.winner .. " wins: " .. verdict.reason)
