-- Hooks step in before, after and instead of what tools, agents and state do.
--
--   llmspell run examples/lua/hooks.lua

-- What is asked of a model is changed on its way, and so is its answer.
Hook.register("pre_llm", function(context)
  local messages = context.data.messages
  print(context.component_id.name .. " is asked: " .. messages[#messages].text)
end)
Hook.register("post_llm", function(context)
  return { type = "modified", data = { text = context.data.text:upper() } }
end)
print(Agent.create({ name = "writer", model = "echo" }):execute({ text = "hello" }).text)

-- A string cancels, with itself as the reason.
local guard = Hook.register("pre_tool", function(context)
  if context.data.parameters.operation == "delete" then return "nothing is deleted here" end
end, { name = "guard", filter = "file-*", priority = "high" })
local ok, problem = pcall(Tool.execute, "file-operations", { operation = "delete", path = "notes.txt" })
print(ok, problem.message)
guard:unregister()

-- What failed is answered for.
Hook.register("tool_error", function(context)
  return { type = "replace", data = { result = "no answer, because of a " .. context.data.kind } }
end)
print(Tool.execute("json-processor", { operation = "query", input = "{", query = "." }).text)

-- State is watched, too.
Hook.register("before_state_write", function(context)
  print("writing " .. context.component_id.name)
  return { type = "modified", data = { value = context.data.value + 1 } }
end)
State.save("global", "visits", 41)
print(State.load("global", "visits"))

for _, hook in ipairs(Hook.list()) do print(hook.hook_point, hook.priority) end
