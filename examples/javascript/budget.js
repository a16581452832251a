// What a run uses is counted, call by call, and can be limited for the whole run.
//
//   llmspell run examples/javascript/budget.js --max-tokens 12

const counter = Agent.create({ name: "counter", model: "echo" });

try {
  for (let round = 1; round <= 10; round += 1) {
    const answer = await counter.execute({ text: "one two three", parameters: {} });
    console.log(`round ${round}: ${answer.metadata.tokenCount} tokens`);
    counter.clearConversation();
  }
} catch (problem) {
  console.log(problem.name);
}
console.log(`used ${Agent.usage().tokens} tokens`);
