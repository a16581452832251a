-- The same for each item of a list, two at a time, and one step that makes a whole of it.
--
--   llmspell run examples/lua/workflow_map_reduce.lua

local reader = Agent.create({ name = "reader", model = "echo" })

local digest = Workflow.map_reduce({
  name = "digest",
  collection = "{{ input }}",
  max_concurrency = 2,
  map = { name = "read", agent = reader, input = "{{ index }}: {{ item.title }}" },
  reduce = {
    name = "join",
    execute = function(lines)
      return #lines .. " articles\n" .. table.concat(lines, "\n")
    end,
  },
})

local result = digest:execute({ { title = "On bees" }, { title = "On wax" }, { title = "On honey" } })
print(result.output)
