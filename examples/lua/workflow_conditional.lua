-- Branches of which conditions choose: an expression, a function, and what is done otherwise.
--
--   llmspell run examples/lua/workflow_conditional.lua

local function answer(name, text)
  return { name = name, execute = function() return text end }
end

local triage = Workflow.conditional({
  name = "triage",
  branches = {
    { name = "urgent", condition = "{{ input.priority >= 8 }}", steps = { answer("call", "call them now") } },
    {
      name = "known",
      condition = function(run)
        return run.state.customers[run.input.from] ~= nil
      end,
      steps = { answer("write", "write today") },
    },
  },
  default_branch = { name = "other", steps = { answer("queue", "put it in the queue") } },
  shared_data = { customers = { ada = true } },
})

for _, ticket in ipairs({
  { from = "bob", priority = 9 },
  { from = "ada", priority = 2 },
  { from = "eve", priority = 1 },
}) do
  local result = triage:execute(ticket)
  print(ticket.from .. ": " .. result.output .. " (" .. result.branch_taken .. ")")
end
