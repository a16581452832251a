-- One tool: what it takes, what it gives, and how it says no.
--
--   llmspell run examples/lua/one_tool.lua

local calculator = Tool.get("calculator")
print(calculator.description)
for _, parameter in ipairs(calculator.schema.parameters) do
  if parameter.required then print(parameter.name, parameter.type) end
end

local sum = calculator:execute({ input = "price * count", variables = { price = 12.5, count = 3 } })
print(sum.success, sum.text)

-- Some failures are told, because a script may want to go on,
local none = Tool.execute("calculator", { input = "1 / 0" })
print(none.success, none.error.message)

-- others are raised: what was asked makes no sense.
local _, problem = pcall(Tool.execute, "calculator", { input = "1", operation = "guess" })  -- llmspell: ignore LS114
print(problem.kind)
