// Steps again and again: over a list, and until a text is short enough.
//
//   llmspell run examples/javascript/workflow_loop.js

const greet = Workflow.loop({
  name: "greet",
  iterator: { collection: "{{ input.names }}" },
  body: [
    { name: "line", execute: (name, run) => `${run.index}. hello ${name}` },
  ],
});
console.log((await greet.execute({ names: ["Ada", "Bob"] })).output.join("\n"));

const shorten = Workflow.builder()
  .name("shorten")
  .loop()
  .withWhile("{{ (previous or input)|length > 12 }}")
  .maxIterations(10)
  .addStep({ name: "cut", execute: (text) => text.replace(/\s*\S+$/, "") })
  .build();

const result = await shorten.execute("one two three four five");
console.log(result.output.at(-1));
console.log(`${result.iterations} rounds, ended by the ${result.metadata.extra.breakReason}`);
