// A tool as an agent, and an agent as a tool: each stands wherever the other does.
//
//   llmspell run examples/javascript/tool_as_agent.js

// A tool that is run as an agent asks no model. The prompt goes into the tool's `input`.
const sums = Agent.fromTool("calculator", {
  name: "sums",
  parameters: { operation: "evaluate" },
  capabilities: ["calculation"],
});
const loud = Agent.fromTool("text-manipulator", { name: "loud", parameters: { operation: "uppercase" } });
console.log((await sums.execute("6 * 7")).text);

// It is a step like any other agent,
const both = Agent.pipeline({ steps: [sums, (text) => `it is ${text}`, loud] });
console.log((await both.execute("2 ^ 10")).text);

// and is chosen by what it is capable of.
const clerk = Agent.create({ name: "clerk", model: "echo", capabilities: ["letters"] });
const desk = Agent.createComposite("desk", [clerk, sums], { strategy: "capability", fallbackAgent: clerk });
for (const request of [{ text: "1 + 1", capability: "calculation" }, { text: "Dear Sir or Madam" }]) {
  const answer = await desk.execute(request);
  console.log(`${answer.agent}: ${answer.text}`);
}

// An agent becomes a tool, which scripts and agents find by its name.
Agent.wrapAsTool(clerk, { toolName: "write_letter", description: "Writes a letter." });
console.log((await Tool.execute("write_letter", { text: "Thank you." })).text);
const boss = Agent.create({ name: "boss", model: "echo", allowedTools: ["write_letter", "calculator"] });
console.log(boss.discoverTools().join(", "));
