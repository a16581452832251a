-- Events of the past: looked for, told again, and published again.
--
--   llmspell run examples/lua/events_replay.lua

for hour = 1, 4 do
  Event.publish("sensor.temperature", { hour = hour, value = 15 + hour })
  Event.publish("sensor.pressure", { hour = hour, value = 1000 + hour })
end

print("kept: " .. #Event.history("sensor.*"))
for _, event in ipairs(Event.history({ pattern = "*.temperature", limit = 2 })) do
  print(event.sequence, event.data.value)
end

-- Told again to a function, at the pace they had; a higher speed is faster, 0 does not wait at all.
local sum = 0
local count = Event.replay("sensor.temperature", {
  speed = 1,
  handler = function(event) sum = sum + event.data.value end,
})
print("average of " .. count .. ": " .. sum / count)

-- Published again, for handlers that came late. The new events say which they repeat.
local late = Event.subscribe("sensor.pressure")
Event.replay({ pattern = "sensor.pressure", limit = 1 })
local again = Event.receive(late)
print(again.data.value, again.replay_of ~= nil)
