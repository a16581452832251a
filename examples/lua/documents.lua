-- Many documents, one summary: each is read and summed up by an agent, several at a time, then joined by another.
--
--   llmspell run examples/lua/documents.lua --scripted examples/scripted.yaml

local readers = Agent.pool({ name = "readers", agent = { model = "scripted/summary" }, size = 3 })
local editor = Agent.create({ name = "editor", model = "scripted/digest" })

local digest = Workflow.map_reduce({
  name = "digest",
  collection = "{{ input.files }}",
  max_concurrency = 3,
  map = {
    name = "sum up",
    execute = function(path)
      local text = Tool.execute("file-operations", { operation = "read", path = path }).result.input
      return readers:execute("Sum up in five words:\n" .. text).text
    end,
  },
  reduce = {
    name = "join",
    execute = function(summaries)
      for index, summary in ipairs(summaries) do print(index .. ". " .. summary) end
      return editor:execute("One sentence out of these:\n- " .. table.concat(summaries, "\n- ")).text
    end,
  },
})

local files = { "examples/data/bees.txt", "examples/data/wax.txt", "examples/data/honey.txt" }
print(digest:execute({ files = files }).output)
