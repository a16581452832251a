// Routing: a small model says what a request is about, as data, and the specialist for it answers.
//
//   llmspell run examples/javascript/router.js --scripted examples/scripted.yaml

const sorter = Agent.create({
  name: "sorter",
  model: "scripted/sorter",
  outputSchema: {
    type: "object",
    properties: {
      topic: { type: "string", enum: ["sums", "letters", "other"] },
      confidence: { type: "number", minimum: 0, maximum: 1 },
    },
    required: ["topic", "confidence"],
  },
});

const specialists = {
  sums: Agent.fromTool("calculator", { name: "sums", parameters: { operation: "evaluate" } }),
  letters: Agent.create({ name: "letters", model: "scripted/letters" }),
  other: Agent.create({ name: "other", model: "echo", systemPrompt: "Say that you pass it on." }),
};

for (const request of ["12 * 12", "Thank Ada for the book", "Hm?"]) {
  sorter.clearConversation();
  const verdict = (await sorter.execute(request)).data;
  const topic = verdict.confidence >= 0.5 ? verdict.topic : "other";
  console.log(`${topic}: ${(await specialists[topic].execute(request)).text}`);
}
