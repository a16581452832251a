// An answer that is long enough: the stream is left as soon as the first sentence is there.
//
//   llmspell run examples/javascript/early_stop.js --scripted examples/scripted.yaml

const teller = Agent.create({ name: "teller", model: "scripted/teller" });

let text = "";
let chunks = 0;
for await (const chunk of teller.stream("Tell me of the sea.")) {
  text += chunk.text;
  chunks += 1;
  if (text.includes(".")) break; // the model is told to stop, and the rest is not paid for
}
console.log(text);
console.log(`${chunks} pieces`);

// The same within a time: what does not come soon enough is not waited for.
const slow = Agent.create({ name: "slow", model: "scripted/slow" });
try {
  await Async.timeout(() => slow.execute("And now?"), 0.05);
} catch (problem) {
  console.log(`false\t${problem.name}`);
}
