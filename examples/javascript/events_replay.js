// Events of the past: looked for, told again, and published again.
//
//   llmspell run examples/javascript/events_replay.js

for (let hour = 1; hour <= 4; hour++) {
  Event.publish("sensor.temperature", { hour, value: 15 + hour });
  Event.publish("sensor.pressure", { hour, value: 1000 + hour });
}

console.log(`kept: ${Event.history("sensor.*").length}`);
for (const event of Event.history({ pattern: "*.temperature", limit: 2 })) {
  console.log(`${event.sequence}\t${event.data.value}`);
}

// Told again to a function, at the pace they had; a higher speed is faster, 0 does not wait at all.
let sum = 0;
const count = await Event.replay("sensor.temperature", {
  speed: 1,
  handler: (event) => {
    sum += event.data.value;
  },
});
console.log(`average of ${count}: ${sum / count}`);

// Published again, for handlers that came late. The new events say which they repeat.
const late = Event.subscribe("sensor.pressure");
await Event.replay({ pattern: "sensor.pressure", limit: 1 });
const again = await Event.receive(late);
console.log(`${again.data.value}\t${again.replayOf !== undefined}`);
