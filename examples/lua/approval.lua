-- A human in between: a workflow asks on standard input before it does what cannot be undone.
--
--   llmspell run examples/lua/approval.lua < examples/data/approval.txt

local function ask(question)
  print(question .. " [yes/no]")
  local answer = io.read("l")
  return answer ~= nil and answer:lower():match("^y") ~= nil
end

local writer = Agent.create({ name = "writer", model = "echo" })

local send = Workflow.conditional({
  name = "send",
  branches = {
    {
      name = "approved",
      condition = function(run) return ask("Send '" .. run.input.text .. "' to " .. run.input.to .. "?") end,
      steps = {
        { name = "write", agent = writer, input = "Dear {{ to }}, {{ text }}" },
        { name = "send", execute = function(_, run) return "sent: " .. run.steps.write.text end },
      },
    },
  },
  default_branch = { name = "refused", steps = { { name = "keep", execute = function() return "not sent" end } } },
})

for _, letter in ipairs({ { to = "Ada", text = "thank you." }, { to = "everybody", text = "goodbye!" } }) do
  print(send:execute(letter).output)
end
