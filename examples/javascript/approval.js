// A human in between: a workflow asks on standard input before it does what cannot be undone.
//
//   llmspell run examples/javascript/approval.js < examples/data/approval.txt

function ask(question) {
  console.log(`${question} [yes/no]`);
  const answer = process.stdin.readLine();
  return /^y/i.test(answer ?? "");
}

const writer = Agent.create({ name: "writer", model: "echo" });

const send = Workflow.conditional({
  name: "send",
  branches: [
    {
      name: "approved",
      condition: (run) => ask(`Send '${run.input.text}' to ${run.input.to}?`),
      steps: [
        { name: "write", agent: writer, input: "Dear {{ to }}, {{ text }}" },
        { name: "send", execute: (_, run) => `sent: ${run.steps.write.text}` },
      ],
    },
  ],
  defaultBranch: { name: "refused", steps: [{ name: "keep", execute: () => "not sent" }] },
});

for (const letter of [{ to: "Ada", text: "thank you." }, { to: "everybody", text: "goodbye!" }]) {
  console.log((await send.execute(letter)).output);
}
