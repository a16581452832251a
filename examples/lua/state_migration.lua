-- Values of an older form become values of the newest one: all of them, or none.
--
--   llmspell run examples/lua/state_migration.lua --state :memory:

-- What an older script left.
State.save("custom:orders", "1", { total = "5 EUR" })
State.save("custom:orders", "2", { total = "70 USD" })

-- How each version follows from the one before. A migration gets all values of the scope, by their keys.
local migrations = {
  [2] = function(orders)
    for _, order in pairs(orders) do
      local amount, currency = order.total:match("^(%d+) (%a+)$")
      order.total, order.currency = tonumber(amount), currency
    end
    return orders
  end,
  [3] = function(orders)
    error("nobody knows how")
  end,
}
State.register_schema("custom:orders", 3, { migrations = migrations })

local status = State.get_migration_status()
print("version " .. status.current_version .. " of " .. status.latest_version)

-- The second migration fails, so nothing is changed, not by the first one either.
local failed = State.migrate()
print(failed.status .. ": " .. failed.errors[1]:match("^(.- failed)"))
print("still: " .. State.load("custom:orders", "1").total)

migrations[3] = function(orders)
  local renamed = {}
  for number, order in pairs(orders) do renamed["order-" .. number] = order end
  return renamed
end
State.register_schema("custom:orders", 3, { migrations = migrations })

local done = State.migrate()
print(done.status .. ": " .. done.from_version .. " to " .. done.to_version)
for _, key in ipairs(State.list_keys("custom:orders")) do
  local order = State.load("custom:orders", key)
  print(key, order.total, order.currency)
end
print(State.migrate().status)

-- All of it as one value, which JSON can write and another engine takes.
local export = State.export({ scope = "custom:orders" })
State.clear("custom:orders")
local import = State.import(JSON.parse(JSON.stringify(export)))
print(import.imported .. " values of version " .. export.schemas["custom:orders"] .. " are back")
