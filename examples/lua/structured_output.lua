-- An answer as data: it has to fit a schema, and an answer that does not is sent back once.
--
--   llmspell run examples/lua/structured_output.lua --scripted examples/scripted.yaml

local reader = Agent.create({
  name = "reader",
  model = "scripted/invoice",
  output_schema = {
    type = "object",
    properties = {
      customer = { type = "string" },
      total = { type = "number" },
      paid = { type = "boolean" },
    },
    required = { "customer", "total", "paid" },
  },
})

local answer = reader:execute("Read this invoice: ACME Ltd., 129.50 EUR, paid on 3 May.")
print(answer.data.customer .. " owes " .. (answer.data.paid and 0 or answer.data.total))
print("total " .. answer.data.total)
