// Many documents, one summary: each is read and summed up by an agent, several at a time, then joined by another.
//
//   llmspell run examples/javascript/documents.js --scripted examples/scripted.yaml

const readers = Agent.pool({ name: "readers", agent: { model: "scripted/summary" }, size: 3 });
const editor = Agent.create({ name: "editor", model: "scripted/digest" });

const digest = Workflow.mapReduce({
  name: "digest",
  collection: "{{ input.files }}",
  maxConcurrency: 3,
  map: {
    name: "sum up",
    execute: async (path) => {
      const file = await Tool.execute("file-operations", { operation: "read", path });
      return (await readers.execute(`Sum up in five words:\n${file.result.input}`)).text;
    },
  },
  reduce: {
    name: "join",
    execute: async (summaries) => {
      summaries.forEach((summary, index) => console.log(`${index + 1}. ${summary}`));
      return (await editor.execute(`One sentence out of these:\n- ${summaries.join("\n- ")}`)).text;
    },
  },
});

const files = ["examples/data/bees.txt", "examples/data/wax.txt", "examples/data/honey.txt"];
console.log((await digest.execute({ files })).output);
