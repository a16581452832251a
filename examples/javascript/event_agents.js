// Agents that wait for events: none of them knows the others, each hears what it is about and tells what it did.
//
//   llmspell run examples/javascript/event_agents.js --scripted examples/scripted.yaml --state :memory:

const triage = Agent.create({ name: "triage", model: "scripted/triage" });
const technician = Agent.create({ name: "technician", model: "scripted/technician" });

Event.on("ticket.opened", async (event) => {
  const urgency = (await triage.execute(`How urgent is this? ${event.data.text}`)).text;
  Event.publish(`ticket.${urgency}`, event.data);
});

Event.on("ticket.urgent", async (event) => {
  const advice = (await technician.execute(event.data.text)).text;
  Event.publish("ticket.answered", { id: event.data.id, advice });
});

Event.on("ticket.later", (event) => {
  State.save("global", `later:${event.data.id}`, event.data.text);
  Event.publish("ticket.answered", { id: event.data.id, advice: "(kept for Monday)" });
});

const answered = Event.subscribe("ticket.answered");
Event.publish("ticket.opened", { id: 1, text: "The lift is stuck, with people in it." });
Event.publish("ticket.opened", { id: 2, text: "The carpet is grey." });

// The answers come in the order in which they are ready.
const answers = [await Event.receive(answered, 5000), await Event.receive(answered, 5000)];
for (const event of answers.sort((one, other) => one.data.id - other.data.id)) {
  const family = Event.history({ pattern: "ticket.*", correlationId: event.correlationId });
  console.log(`${event.data.id}: ${event.data.advice}`);
  console.log(`   ${family.map((one) => one.eventType).join(" -> ")}`);
}
