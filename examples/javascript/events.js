// Events tell others what happened: handlers, patterns, causes, and groups.
//
//   llmspell run examples/javascript/events.js

// A handler is called for each event, one after the other; it may wait and publish itself.
Event.on("order.*.placed", async (event) => {
  console.log(`${event.eventType}: ${event.data.item}`);
  await Async.sleep(0.01);
  Event.publish("invoice.written", { item: event.data.item });
});

// What an event follows from is told without anybody saying so.
Event.on("invoice.**", (event) => {
  const orders = Event.history({ pattern: "order.**", correlationId: event.correlationId });
  console.log(`invoice for ${event.data.item}, because of ${orders[0].eventType}`);
  Event.publish("shop.done");
});

// A subscription without a handler is received from, one event after the other.
const done = Event.subscribe("shop.*");

// Groups of events: here, two at a time.
const groups = Event.aggregate("order.**", { count: 2, by: "data.item" });

Event.publish("order.books.placed", { item: "atlas" });
Event.publish("order.music.placed", { item: "flute" });

for (let order = 0; order < 2; order++) await Event.receive(done);

const group = await groups.next();
console.log(`${group.count} orders, of flutes: ${group.groups.flute}`);
groups.close();

// Who is too slow loses events: here all but the newest two.
const subscription = Event.subscribe("tick", { bufferSize: 2 });
Logger.setLevel("error");
for (let number = 1; number <= 3; number++) Event.publish("tick", number);
const first = await Event.receive(subscription);
const second = await Event.receive(subscription);
console.log(`${first.data}\t${second.data}`);
console.log(`lost: ${Event.getStats().eventBusStats.eventsDropped}`);
