// Agents in a row, each working on what the one before it gave; and several asked at once.
//
//   llmspell run examples/javascript/pipeline.js --scripted examples/scripted.yaml

const outline = Agent.create({ name: "outline", model: "scripted/outline" });
const draft = Agent.create({ name: "draft", model: "scripted/draft" });

const writer = Agent.pipeline({
  name: "writer",
  steps: [outline, (text) => text.toUpperCase(), draft],
});

const answer = await writer.execute("Write about scripts.");
console.log(answer.text);
console.log(answer.path.join(" -> "));
