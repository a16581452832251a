// Contexts: facts that agents are told. A child sees its parent's facts, and memory is shared by scope.
//
//   llmspell run examples/javascript/contexts.js

const order = Agent.createContext({ userId: "ada", data: { product: "bicycle", colour: "green" } });
const repair = Agent.createChildContext(order, { type: "user", id: "ada" }, "inherit");
Agent.updateContext(repair, "problem", "a flat tyre");
Agent.setSharedMemory({ type: "user", id: "ada" }, "speaks", "English");

console.log(`${Agent.getContextData(repair, "product")}\t${Agent.getContextData(order, "problem") ?? "nil"}`);

const clerk = Agent.create({ name: "clerk", model: "echo", systemPrompt: "Be kind." });
const answer = await clerk.executeWithContext("What is to be done?", repair);
console.log(answer.text);
console.log("the model was told:");
console.log(answer.metadata.response.system_prompt);

// The other agent goes on with the conversation, and is told one more fact.
const mechanic = Agent.create({ name: "mechanic", model: "echo" });
const done = await clerk.handoff(mechanic, "Please mend it.", { history: "last", context: { bay: 3 } });
console.log(`${done.path.join(" -> ")}: ${done.text}`);
for (const turn of mechanic.getConversation()) {
  console.log(`  ${turn.role}: ${turn.text}`);
}
