-- A tool written in Python, in a file that the configuration names; scripts and models use it like any other.
--
--   llmspell run examples/lua/python_tool.lua --config examples/python-tools.toml

local reading = Tool.get("reading-time") -- llmspell: ignore unknown-tool
print(reading.description)

local text = Tool.execute("file-operations", { operation = "read", path = "examples/data/honey.txt" }).result.input
local time = reading:execute({ text = text }).result
print(time.words .. " words, " .. time.seconds .. " seconds")

for _, wrong in ipairs({ { text = 42 }, { text = "" } }) do
  local _, problem = pcall(reading.execute, wrong)
  print(problem.kind .. ": " .. problem.message)
end
