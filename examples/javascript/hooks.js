// Hooks step in before, after and instead of what tools, agents and state do.
//
//   llmspell run examples/javascript/hooks.js

// What is asked of a model is changed on its way, and so is its answer.
Hook.register("pre_llm", (context) => {
  console.log(`${context.componentId.name} is asked: ${context.data.messages.at(-1).text}`);
});
Hook.register("post_llm", (context) => ({ type: "modified", data: { text: context.data.text.toUpperCase() } }));
console.log((await Agent.create({ name: "writer", model: "echo" }).execute({ text: "hello" })).text);

// A string cancels, with itself as the reason.
const guard = Hook.register("pre_tool", (context) => {
  if (context.data.parameters.operation === "delete") return "nothing is deleted here";
}, { name: "guard", filter: "file-*", priority: "high" });
try {
  await Tool.execute("file-operations", { operation: "delete", path: "notes.txt" });
} catch (problem) {
  console.log(`false\t${problem.message}`);
}
guard.unregister();

// What failed is answered for.
Hook.register("tool_error", (context) => {
  return { type: "replace", data: { result: `no answer, because of a ${context.data.kind}` } };
});
console.log((await Tool.execute("json-processor", { operation: "query", input: "{", query: "." })).text);

// State is watched, too.
Hook.register("before_state_write", (context) => {
  console.log(`writing ${context.componentId.name}`);
  return { type: "modified", data: { value: context.data.value + 1 } };
});
State.save("global", "visits", 41);
console.log(State.load("global", "visits"));

for (const hook of Hook.list()) console.log(`${hook.hookPoint}\t${hook.priority}`);
