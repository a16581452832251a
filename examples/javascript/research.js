// A piece of research: a planner asks questions, researchers answer them at the same time, a writer is handed all.
//
//   llmspell run examples/javascript/research.js --scripted examples/scripted.yaml

const planner = Agent.create({
  name: "planner",
  model: "scripted/planner",
  outputSchema: {
    type: "object",
    properties: { questions: { type: "array", items: { type: "string" } } },
    required: ["questions"],
  },
});
const researchers = Agent.pool({ name: "researchers", agent: { model: "scripted/researcher" }, size: 2 });
const writer = Agent.create({
  name: "writer",
  model: "scripted/writer",
  systemPrompt: "You write one paragraph from findings.",
});

const { questions } = (await planner.execute("What should one know about winter in a hive?")).data;
const answers = await researchers.map(questions);

const findings = {};
for (const [index, question] of questions.entries()) {
  findings[question] = answers[index].text;
  console.log(`${question} ${answers[index].text}`);
}

// The facts of the context travel along with the conversation.
const article = await planner.handoff(writer, "Please write it up.", { history: "last", context: findings });
console.log(`${article.path.join(" -> ")}: ${article.text}`);
