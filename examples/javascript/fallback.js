// When a provider fails: ask again after a pause, then ask another one, and say at the end who answered.
//
//   llmspell run examples/javascript/fallback.js --scripted examples/scripted.yaml

// Overloaded twice, then it answers: the agent asks again by itself.
const patient = Agent.create({
  name: "patient",
  model: "scripted/overloaded",
  retries: { attempts: 3, backoffSeconds: 0.01 },
});
console.log((await patient.execute("Are you there?")).text);

// This one never answers, so the next in the row does.
const row = Agent.createComposite("row", [
  Agent.create({ name: "large", model: "scripted/down" }),
  Agent.create({ name: "small", model: "echo" }),
], "fallback");
const answer = await row.execute("And you?");
console.log(`${answer.agent}: ${answer.text}`);

// The same by hand, where more is to be done about it.
try {
  await Agent.create({ name: "huge", model: "scripted/down" }).execute("And you?");
} catch (problem) {
  console.log(`false\t${problem.name}\t${problem.message}`);
}
