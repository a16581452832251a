// Workflows within workflows, and a run with an id: executed again, it does nothing twice.
//
//   llmspell run examples/javascript/workflow_nested.js --state :memory:

const chapter = Workflow.pipeline({
  name: "chapter",
  stages: [
    (title) => {
      console.log(`writing ${title}`);
      return `# ${title}`;
    },
    { name: "check", execute: (text) => `${text} (checked)` },
  ],
});

const book = Workflow.sequential({
  name: "book",
  steps: [
    {
      name: "chapters",
      workflow: Workflow.mapReduce({
        name: "chapters",
        collection: "{{ input }}",
        maxConcurrency: 1,
        map: { name: "one", workflow: chapter },
      }),
      input: "{{ titles }}",
    },
    { name: "bind", execute: (_, run) => run.steps.chapters.output.join("\n") },
  ],
});

const titles = ["Bees", "Wax"];
console.log((await book.execute({ titles }, { runId: "spring" })).output);

const again = await book.execute(null, { runId: "spring" });
console.log(`${again.metadata.extra.resumedSteps} of ${again.metadata.extra.totalSteps} steps were done before`);
console.log(State.workflowList("book").join(" "));
