-- State that several change at the same time: transactions, counters, and who comes first.
--
--   llmspell run examples/lua/state_transactions.lua

State.clear("custom:bank")
State.save("custom:bank", "ann", 100)
State.save("custom:bank", "bob", 0)

-- All of it, or nothing. Where others were in the way, the function is called again.
local function pay(from, to, amount)
  return State.transaction(function(tx)
    local left = tx:load("custom:bank", from) - amount
    if left < 0 then error(from .. " has not got " .. amount, 0) end
    tx:save("custom:bank", from, left)
    Async.sleep(0)
    tx:save("custom:bank", to, tx:load("custom:bank", to) + amount)
    return left
  end, { max_attempts = 100 })
end

print("ann has " .. pay("ann", "bob", 30) .. " left")
print(select(2, pcall(pay, "ann", "bob", 500)))

-- Ten payments at once: none is lost, and the sum stays the same.
local payments = {}
for number = 1, 10 do
  payments[number] = Async.run(function() return pay("bob", "ann", number % 3) end)
end
Async.all(payments)
local bank = State.load_all("custom:bank")
print("ann " .. bank.ann .. ", bob " .. bank.bob .. ", together " .. bank.ann + bank.bob)

-- One number that everybody adds to needs no transaction.
State.delete("custom:bank", "visits")
for _ = 1, 3 do State.increment("custom:bank", "visits") end
print("visits: " .. State.increment("custom:bank", "visits", 2))

-- Whoever comes first has the job, for a minute.
for _, worker in ipairs({ "first", "second" }) do
  local got = State.compare_and_set("custom:bank", "audit", nil, worker, { ttl_seconds = 60 })
  print(worker .. (got and " audits" or " comes too late"))
end

-- Written only if nobody has written since it was read.
local seen = State.get_with_version("custom:bank", "bob")
State.save("custom:bank", "bob", 7)
print("written over: " .. tostring(State.save_if_version("custom:bank", "bob", seen.version, 0)))
