-- Steps in order: a tool, an agent and a function, which use the input and what came before.
--
--   llmspell run examples/lua/workflow_sequential.lua

local writer = Agent.create({ name = "writer", model = "echo" })

local quote = Workflow.builder()
  :name("quote")
  :description("Makes an offer for a number of chairs.")
  :sequential()
  :add_step({ name = "sum", tool = "calculator", input = { input = "{{ chairs }} * {{ price }}" } })
  :add_step({ name = "letter", agent = writer, input = "{{ chairs }} chairs for {{ sum.text }} euros" })
  :add_step({
    name = "sign",
    execute = function(_, run)
      return run.steps.letter.text .. "\n-- " .. run.input.from
    end,
  })
  :build()

local result = quote:execute({ chairs = 4, price = 29, from = "The carpenter" })
print(result.output)
print(result.text)
for _, step in ipairs(result.step_results) do
  print(step.name, step.type, step.attempts)
end
