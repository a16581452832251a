// What goes wrong has a kind, a message that says what to do, and its causes.
//
//   llmspell run examples/javascript/errors.js --scripted examples/scripted.yaml

try {
  Agent.create({ model: "echo", temprature: 0.2 });  // llmspell: ignore unknown-option
} catch (problem) {
  console.log(`${problem.name}: ${problem.message}`);
}

try {
  Agent.create({ model: "nowhere/large" });
} catch (problem) {
  console.log(problem.name);
}

const agent = Agent.create({ model: "scripted/broken" });
try {
  await agent.execute("Is anybody there?");
} catch (problem) {
  console.log(`${problem.name}: ${problem.message}`);
}
