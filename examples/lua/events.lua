-- Events tell others what happened: handlers, patterns, causes, and groups.
--
--   llmspell run examples/lua/events.lua

-- A handler is called for each event, one after the other; it may wait and publish itself.
Event.on("order.*.placed", function(event)
  print(event.event_type .. ": " .. event.data.item)
  Async.sleep(0.01)
  Event.publish("invoice.written", { item = event.data.item })
end)

-- What an event follows from is told without anybody saying so.
Event.on("invoice.**", function(event)
  local orders = Event.history({ pattern = "order.**", correlation_id = event.correlation_id })
  print("invoice for " .. event.data.item .. ", because of " .. orders[1].event_type)
  Event.publish("shop.done")
end)

-- A subscription without a handler is received from, one event after the other.
local done = Event.subscribe("shop.*")

-- Groups of events: here, two at a time.
local groups = Event.aggregate("order.**", { count = 2, by = "data.item" })

Event.publish("order.books.placed", { item = "atlas" })
Event.publish("order.music.placed", { item = "flute" })

for _ = 1, 2 do Event.receive(done) end

local group = groups:next()
print(group.count .. " orders, of flutes: " .. group.groups.flute)
groups:close()

-- Who is too slow loses events: here all but the newest two.
local subscription = Event.subscribe("tick", { buffer_size = 2 })
Logger.set_level("error")
for number = 1, 3 do Event.publish("tick", number) end
print(Event.receive(subscription).data, Event.receive(subscription).data)
print("lost: " .. Event.get_stats().event_bus_stats.events_dropped)
