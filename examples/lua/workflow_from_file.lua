-- A workflow that is kept in a file, as data: its steps name tools, agents and workflows.
--
--   llmspell run examples/lua/workflow_from_file.lua

Agent.create({ name = "writer", model = "echo" })

local quote = Workflow.from_file("examples/data/quote.yaml")
for _, chairs in ipairs({ 4, 12 }) do
  print(quote:execute({ chairs = chairs }).output)
end

-- As a table it can be changed, and be a workflow again.
local table = quote:to_table()
table.shared_data.price = 35
print(Workflow.create(table):execute({ chairs = 4 }).output)
