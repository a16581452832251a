-- Prompts have names: those of the configuration, and those that a script registers.
--
--   llmspell run examples/lua/prompts_by_name.lua --config examples/llmspell-example.toml

print(Prompt.render("greeting", { name = "ada", language = "French" }))

Prompt.register("report", "Found {{ faults | length }} faults{% for fault in faults %}\n- {{ fault }}{% endfor %}")
print(Prompt.render("report", { faults = { "a typo", "a missing test" } }))

for _, prompt in ipairs(Prompt.list()) do
  print(prompt.name, table.concat(prompt.variables, ", "))
end

local reviewer = Agent.create({
  model = "echo",
  system_prompt = Prompt.get("review"),
  variables = { files = { "main.lua", "lib.lua" } },
})
print(reviewer:execute("Begin.").metadata.response.system_prompt)

local ok, problem = pcall(Prompt.render, "greeting", { nmae = "ada", language = "French" })
print(ok, problem.kind, problem.message)
