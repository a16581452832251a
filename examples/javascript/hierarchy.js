// Two levels of agents: a lead gives parts of the work to editors, who give theirs to writers.
//
//   llmspell run examples/javascript/hierarchy.js --scripted examples/scripted.yaml

const writer = (name) => Agent.create({ name, model: "echo", description: `Writes ${name}.` });

const editor = Agent.template("orchestrator", {
  name: "editor",
  description: "Has a page written and joins it.",
  model: "scripted/editor",
  tools: [writer("headlines"), writer("articles")],
});

const lead = Agent.template("orchestrator", {
  name: "lead",
  model: "scripted/lead",
  tools: [editor],
});

console.log((await lead.execute("Make the paper of today.")).text);

function show(node, depth) {
  console.log(`${"  ".repeat(depth)}${node.name} (${node.type})`);
  for (const child of node.children) show(child, depth + 1);
}
show(Agent.getHierarchy("lead").root, 0);

const details = Agent.getDetails("editor");
console.log(
  `${details.name} was asked ${details.metrics.executions} time and called ${details.metrics.toolCalls} tools`,
);
