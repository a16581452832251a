// Prompts have names: those of the configuration, and those that a script registers.
//
//   llmspell run examples/javascript/prompts_by_name.js --config examples/llmspell-example.toml

console.log(Prompt.render("greeting", { name: "ada", language: "French" }));

Prompt.register("report", "Found {{ faults | length }} faults{% for fault in faults %}\n- {{ fault }}{% endfor %}");
console.log(Prompt.render("report", { faults: ["a typo", "a missing test"] }));

for (const prompt of Prompt.list()) {
  console.log([prompt.name, prompt.variables.join(", ")].join("\t"));
}

const reviewer = Agent.create({
  model: "echo",
  systemPrompt: Prompt.get("review"),
  variables: { files: ["main.lua", "lib.lua"] },
});
const answer = await reviewer.execute("Begin.");
console.log(answer.metadata.response.system_prompt);

try {
  Prompt.render("greeting", { nmae: "ada", language: "French" });
} catch (problem) {
  console.log(["false", problem.name, problem.message].join("\t"));
}
