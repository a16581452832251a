-- Steps again and again: over a list, and until a text is short enough.
--
--   llmspell run examples/lua/workflow_loop.lua

local greet = Workflow.loop({
  name = "greet",
  iterator = { collection = "{{ input.names }}" },
  body = {
    { name = "line", execute = function(name, run) return run.index .. ". hello " .. name end },
  },
})
print(table.concat(greet:execute({ names = { "Ada", "Bob" } }).output, "\n"))

local shorten = Workflow.builder()
  :name("shorten")
  :loop()
  :with_while("{{ (previous or input)|length > 12 }}")
  :max_iterations(10)
  :add_step({ name = "cut", execute = function(text) return (text:gsub("%s*%S+$", "")) end })
  :build()

local result = shorten:execute("one two three four five")
print(result.output[#result.output])
print(result.iterations .. " rounds, ended by the " .. result.metadata.extra.break_reason)
