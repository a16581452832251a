// Agents work at the same time, without threads: each call waits, and the others go on.
//
//   llmspell run examples/javascript/parallel.js

const ask = (name) => async () =>
  (await Agent.create({ name, model: "echo" }).execute(`I am ${name}.`)).text;

for (const text of await Async.all([ask("Ann"), ask("Ben"), ask("Cid")])) {
  console.log(text);
}

// The same with promises, and what comes first.
const slow = Async.run(async () => {
  await Async.sleep(5);
  return "slow";
});
const quick = Async.run(ask("Dan"));
console.log(await Promise.race([slow, quick]));
Async.cancel(slow);

for (const outcome of await Promise.allSettled([slow, quick])) {
  console.log(outcome.status);
}
