// Undoing what was done when a later step fails, newest first, and cleaning up in any case.
//
//   llmspell run examples/javascript/workflow_compensation.js

const say = (text) => () => console.log(text);

const trip = Workflow.sequential({
  name: "trip",
  errorStrategy: "compensate",
  steps: [
    {
      name: "flight",
      execute: () => "F-17",
      compensate: (booking) => console.log(`cancel the flight ${booking}`),
    },
    {
      name: "hotel",
      execute: () => "H-4",
      compensate: (booking) => console.log(`cancel the hotel ${booking}`),
    },
    {
      name: "car",
      retry: { attempts: 2, backoffMs: 10 },
      execute: (_, run) => {
        console.log(`ask for a car, try ${run.attempt}`);
        throw new Error("there are no cars left");
      },
    },
  ],
  cleanup: [{ name: "log off", execute: say("log off") }],
});

try {
  await trip.execute({ from: "here", to: "there" });
} catch (problem) {
  console.log(`false\t${problem.message}`);
}

const result = trip.getLastResult();
console.log(result.text);
for (const step of result.compensations) {
  console.log(`${step.name}\t${step.success}`);
}
