// Prompts are templates with variables and filters.
//
//   llmspell run examples/javascript/prompts.js

const reviewer = Agent.create({
  model: "echo",
  systemPrompt: "You review {{ language }}.",
  variables: { language: "Lua" },
});
const answer = await reviewer.execute({
  text: "Look at {{ files | length }} files: {{ files | join(', ') | upper }}.",
  parameters: { files: ["main.lua", "lib.lua"] },
});
console.log(answer.text);
console.log(answer.metadata.response.system_prompt);

try {
  await reviewer.execute({ text: "Look at {{ file }}." });
} catch (problem) {
  console.log(["false", problem.name, problem.message].join("\t"));
}
