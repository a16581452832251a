-- Hearing of changes of state, whoever makes them: this script, others, or other processes.
--
--   llmspell run examples/lua/state_watch.lua

State.clear("custom:jobs")

-- A handler is called for each change, one after the other.
local log = {}
local watch = State.watch("custom:jobs", "job-*", function(change)
  log[#log + 1] = change.key .. " " .. change.operation .. " " .. tostring(change.value)
end)

-- Workers take what there is to do as it comes, and put down what came of it.
local todo = State.watch("custom:jobs", "todo")
local worker = Async.run(function()
  for change in todo:iter() do
    if change.operation == "delete" then break end
    State.save("custom:jobs", "job-" .. change.value, "done")
  end
end)

for number = 1, 3 do State.save("custom:jobs", "todo", number) end
State.delete("custom:jobs", "todo")
worker:await()

-- A value with a time to live is forgotten by itself, and that is a change as well.
local short = State.watch("custom:jobs", "job-short")
State.save("custom:jobs", "job-short", "soon gone", { ttl_seconds = 0.05 })
print(short:next().operation, short:next(10000).operation)
print(State.load("custom:jobs", "job-short"))
short:stop()

while #log < 5 do Async.sleep(0.01) end
watch:stop()
print(table.concat(log, "\n"))
