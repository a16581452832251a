-- Agents that wait for events: none of them knows the others, each hears what it is about and tells what it did.
--
--   llmspell run examples/lua/event_agents.lua --scripted examples/scripted.yaml --state :memory:

local triage = Agent.create({ name = "triage", model = "scripted/triage" })
local technician = Agent.create({ name = "technician", model = "scripted/technician" })

Event.on("ticket.opened", function(event)
  local urgency = triage:execute("How urgent is this? " .. event.data.text).text
  Event.publish("ticket." .. urgency, event.data)
end)

Event.on("ticket.urgent", function(event)
  local advice = technician:execute(event.data.text).text
  Event.publish("ticket.answered", { id = event.data.id, advice = advice })
end)

Event.on("ticket.later", function(event)
  State.save("global", "later:" .. event.data.id, event.data.text)
  Event.publish("ticket.answered", { id = event.data.id, advice = "(kept for Monday)" })
end)

local answered = Event.subscribe("ticket.answered")
Event.publish("ticket.opened", { id = 1, text = "The lift is stuck, with people in it." })
Event.publish("ticket.opened", { id = 2, text = "The carpet is grey." })

-- The answers come in the order in which they are ready.
local answers = { Event.receive(answered, 5000), Event.receive(answered, 5000) }
table.sort(answers, function(one, other) return one.data.id < other.data.id end)
for _, event in ipairs(answers) do
  local before = {}
  for _, one in ipairs(Event.history({ pattern = "ticket.*", correlation_id = event.correlation_id })) do
    before[#before + 1] = one.event_type
  end
  print(event.data.id .. ": " .. event.data.advice)
  print("   " .. table.concat(before, " -> "))
end
