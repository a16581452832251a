// Branches of which conditions choose: an expression, a function, and what is done otherwise.
//
//   llmspell run examples/javascript/workflow_conditional.js

const answer = (name, text) => ({ name, execute: () => text });

const triage = Workflow.conditional({
  name: "triage",
  branches: [
    { name: "urgent", condition: "{{ input.priority >= 8 }}", steps: [answer("call", "call them now")] },
    {
      name: "known",
      condition: (run) => run.state.customers[run.input.from] !== undefined,
      steps: [answer("write", "write today")],
    },
  ],
  defaultBranch: { name: "other", steps: [answer("queue", "put it in the queue")] },
  sharedData: { customers: { ada: true } },
});

for (const ticket of [
  { from: "bob", priority: 9 },
  { from: "ada", priority: 2 },
  { from: "eve", priority: 1 },
]) {
  const result = await triage.execute(ticket);
  console.log(`${ticket.from}: ${result.output} (${result.branchTaken})`);
}
