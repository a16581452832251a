// Branches at the same time: three reviews that take as long as the slowest, not as all of them.
//
//   llmspell run examples/javascript/workflow_parallel.js

const review = (seconds, verdict) => async (text) => {
  await Async.sleep(seconds);
  return `${text} is ${verdict}`;
};

const reviews = Workflow.parallel({
  name: "reviews",
  maxConcurrency: 3,
  steps: [
    { name: "style", execute: review(0.2, "readable") },
    { name: "facts", execute: review(0.2, "correct") },
    { name: "law", execute: review(0.2, "allowed") },
  ],
});

const result = await reviews.execute("The text");
console.log(result.output.style);
console.log(result.output.facts);
console.log(result.output.law);

const sum = Object.values(result.stepTimings).reduce((all, duration) => all + duration, 0);
console.log(result.durationMs < sum ? "at the same time" : "one after the other");
