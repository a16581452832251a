-- Prompts are templates with variables and filters.
--
--   llmspell run examples/lua/prompts.lua

local reviewer = Agent.create({
  model = "echo",
  system_prompt = "You review {{ language }}.",
  variables = { language = "Lua" },
})
local answer = reviewer:execute({
  text = "Look at {{ files | length }} files: {{ files | join(', ') | upper }}.",
  parameters = { files = { "main.lua", "lib.lua" } },
})
print(answer.text)
print(answer.metadata.response.system_prompt)

local ok, problem = pcall(reviewer.execute, { text = "Look at {{ file }}." })
print(ok, problem.kind, problem.message)
