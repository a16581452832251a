// A workflow that is kept in a file, as data: its steps name tools, agents and workflows.
//
//   llmspell run examples/javascript/workflow_from_file.js

Agent.create({ name: "writer", model: "echo" });

const quote = Workflow.fromFile("examples/data/quote.yaml");
for (const chairs of [4, 12]) {
  console.log((await quote.execute({ chairs })).output);
}

// As a table it can be changed, and be a workflow again.
const table = quote.toTable();
table.sharedData.price = 35;
console.log((await Workflow.create(table).execute({ chairs: 4 })).output);
