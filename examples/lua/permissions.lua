-- What a script may touch: the profile and the options say it, and what is refused tells how to allow it.
--
--   llmspell run examples/lua/permissions.lua --profile high

local function try(tool, parameters)
  local ok, result = pcall(Tool.execute, tool, parameters)
  local problem = ok and result.error or not ok and result -- writing tells of its failures, the others raise them
  print(tool .. ": " .. (problem and problem.message or "allowed"))
end

try("file-operations", { operation = "read", path = "examples/data/bees.txt" })
try("file-operations", { operation = "write", path = "/srv/ants.txt", input = "Ants do, too." })
try("http-requester", { input = "http://127.0.0.1:9/" })
try("process-executor", { executable = "date" })
