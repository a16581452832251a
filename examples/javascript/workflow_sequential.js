// Steps in order: a tool, an agent and a function, which use the input and what came before.
//
//   llmspell run examples/javascript/workflow_sequential.js

const writer = Agent.create({ name: "writer", model: "echo" });

const quote = Workflow.builder()
  .name("quote")
  .description("Makes an offer for a number of chairs.")
  .sequential()
  .addStep({ name: "sum", tool: "calculator", input: { input: "{{ chairs }} * {{ price }}" } })
  .addStep({ name: "letter", agent: writer, input: "{{ chairs }} chairs for {{ sum.text }} euros" })
  .addStep({
    name: "sign",
    execute: (_, run) => `${run.steps.letter.text}\n-- ${run.input.from}`,
  })
  .build();

const result = await quote.execute({ chairs: 4, price: 29, from: "The carpenter" });
console.log(result.output);
console.log(result.text);
for (const step of result.stepResults) {
  console.log(`${step.name}\t${step.type}\t${step.attempts}`);
}
