// An answer as it comes: with a loop, with a callback, and stopped before its end.
//
//   llmspell run examples/javascript/streaming.js

const teller = Agent.create({ model: "echo" });

for await (const chunk of teller.stream("once upon a time")) {
  process.stdout.write(`[${chunk.text}]`);
}
console.log();

let words = 0;
await teller.invokeStream("there was a script", () => {
  words += 1;
  return words < 2; // false ends the stream
});
console.log(`stopped after ${words} words`);
