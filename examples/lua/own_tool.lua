-- A tool made in the script: described once, checked on every call, and known to scripts and agents alike.
--
--   llmspell run examples/lua/own_tool.lua --scripted examples/scripted.yaml

local stock = { lamp = 4, chair = 0 }

Tool.register({
  name = "reserve",
  description = "Reserves pieces of a product, if there are enough.",
  parameters = {
    type = "object",
    properties = {
      product = { type = "string", enum = { "lamp", "chair" } },
      pieces = { type = "integer", minimum = 1 },
    },
    required = { "product", "pieces" },
  },
  handler = function(order)
    if stock[order.product] < order.pieces then
      return { success = false, error = "only " .. stock[order.product] .. " left" }
    end
    stock[order.product] = stock[order.product] - order.pieces
    return order.pieces .. " x " .. order.product
  end,
})

-- The script calls it,
print(Tool.execute("reserve", { product = "lamp", pieces = 1 }).text)
local none = Tool.execute("reserve", { product = "chair", pieces = 1 })
print(none.success, none.error.message)

-- what does not fit the description never reaches the function,
local ok, problem = pcall(Tool.execute, "reserve", { product = "lamp", pieces = 0 })
print(ok, problem.message)

-- and a model uses it like any other.
local clerk = Agent.create({ name = "clerk", model = "scripted/clerk", allowed_tools = { "reserve" } })
print(clerk:execute("Two lamps, please.").text)
print("lamps left: " .. stock.lamp)
