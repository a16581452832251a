// A producer that gives one thing after the other and waits while nobody takes them.
//
//   llmspell run examples/javascript/generators.js

let produced = 0;
const numbers = Streaming.create(async (emit) => {
  for (let number = 1; number <= 1000; number += 1) {
    produced = number;
    await emit(number);
  }
}, { buffer: 2 });

let sum = 0;
for await (const number of numbers) {
  sum += number;
  if (number === 4) break; // this ends the producer too
}
console.log(`sum ${sum}`);
console.log(`ran ahead: ${produced > 10}`);
