-- A piece of research: a planner asks questions, researchers answer them at the same time, a writer is handed all.
--
--   llmspell run examples/lua/research.lua --scripted examples/scripted.yaml

local planner = Agent.create({
  name = "planner",
  model = "scripted/planner",
  output_schema = {
    type = "object",
    properties = { questions = { type = "array", items = { type = "string" } } },
    required = { "questions" },
  },
})
local researchers = Agent.pool({ name = "researchers", agent = { model = "scripted/researcher" }, size = 2 })
local writer = Agent.create({
  name = "writer",
  model = "scripted/writer",
  system_prompt = "You write one paragraph from findings.",
})

local questions = planner:execute("What should one know about winter in a hive?").data.questions
local answers = researchers:map(questions)

local findings = {}
for index, question in ipairs(questions) do
  findings[question] = answers[index].text
  print(question .. " " .. answers[index].text)
end

-- The facts of the context travel along with the conversation.
local article = planner:handoff(writer, "Please write it up.", { history = "last", context = findings })
print(table.concat(article.path, " -> ") .. ": " .. article.text)
