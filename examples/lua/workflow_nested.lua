-- Workflows within workflows, and a run with an id: executed again, it does nothing twice.
--
--   llmspell run examples/lua/workflow_nested.lua --state :memory:

local chapter = Workflow.pipeline({
  name = "chapter",
  stages = {
    function(title)
      print("writing " .. title)
      return "# " .. title
    end,
    { name = "check", execute = function(text) return text .. " (checked)" end },
  },
})

local book = Workflow.sequential({
  name = "book",
  steps = {
    {
      name = "chapters",
      workflow = Workflow.map_reduce({
        name = "chapters",
        collection = "{{ input }}",
        max_concurrency = 1,
        map = { name = "one", workflow = chapter },
      }),
      input = "{{ titles }}",
    },
    { name = "bind", execute = function(_, run) return table.concat(run.steps.chapters.output, "\n") end },
  },
})

local titles = { "Bees", "Wax" }
print(book:execute({ titles = titles }, { run_id = "spring" }).output)

local again = book:execute(nil, { run_id = "spring" })
print(again.metadata.extra.resumed_steps .. " of " .. again.metadata.extra.total_steps .. " steps were done before")
print(table.concat(State.workflow_list("book"), " "))
