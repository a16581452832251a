// The same for each item of a list, two at a time, and one step that makes a whole of it.
//
//   llmspell run examples/javascript/workflow_map_reduce.js

const reader = Agent.create({ name: "reader", model: "echo" });

const digest = Workflow.mapReduce({
  name: "digest",
  collection: "{{ input }}",
  maxConcurrency: 2,
  map: { name: "read", agent: reader, input: "{{ index }}: {{ item.title }}" },
  reduce: {
    name: "join",
    execute: (lines) => `${lines.length} articles\n${lines.join("\n")}`,
  },
});

const result = await digest.execute([{ title: "On bees" }, { title: "On wax" }, { title: "On honey" }]);
console.log(result.output);
