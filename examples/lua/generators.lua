-- A producer that gives one thing after the other and waits while nobody takes them.
--
--   llmspell run examples/lua/generators.lua

local produced = 0
local numbers = Streaming.create(function(emit)
  for number = 1, 1000 do
    produced = number
    emit(number)
  end
end, { buffer = 2 })

local sum = 0
for number in numbers:iter() do
  sum = sum + number
  if number == 4 then break end -- this ends the producer too
end
print("sum " .. sum)
print("ran ahead: " .. tostring(produced > 10))
