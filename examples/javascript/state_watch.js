// Hearing of changes of state, whoever makes them: this script, others, or other processes.
//
//   llmspell run examples/javascript/state_watch.js

State.clear("custom:jobs");

// A handler is called for each change, one after the other.
const log = [];
const watch = State.watch("custom:jobs", "job-*", (change) => {
  log.push(`${change.key} ${change.operation} ${change.value ?? "nil"}`);
});

// Workers take what there is to do as it comes, and put down what came of it.
const todo = State.watch("custom:jobs", "todo");
const worker = Async.run(async () => {
  for await (const change of todo) {
    if (change.operation === "delete") break;
    State.save("custom:jobs", `job-${change.value}`, "done");
  }
});

for (let number = 1; number <= 3; number++) State.save("custom:jobs", "todo", number);
State.delete("custom:jobs", "todo");
await worker;

// A value with a time to live is forgotten by itself, and that is a change as well.
const short = State.watch("custom:jobs", "job-short");
State.save("custom:jobs", "job-short", "soon gone", { ttlSeconds: 0.05 });
console.log(`${(await short.next()).operation}\t${(await short.next(10000)).operation}`);
console.log(State.load("custom:jobs", "job-short") ?? "nil");
short.stop();

while (log.length < 5) await Async.sleep(0.01);
watch.stop();
console.log(log.join("\n"));
