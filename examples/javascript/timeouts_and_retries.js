// Work that takes too long ends with an error, and work that fails is tried again.
//
//   llmspell run examples/javascript/timeouts_and_retries.js

try {
  await Async.timeout(() => Async.sleep(60), 0.05);
} catch (problem) {
  console.log(`false\t${problem.name}`);
}

let attempts = 0;
const result = await Async.retry(
  () => {
    attempts += 1;
    if (attempts < 3) throw new Error(`attempt ${attempts} failed`);
    return `done at attempt ${attempts}`;
  },
  { attempts: 5, baseDelay: 0.001 },
);
console.log(result);
