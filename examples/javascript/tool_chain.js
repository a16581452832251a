// Tools joined: one after the other, side by side, the first that succeeds, and many calls at once.
//
//   llmspell run examples/javascript/tool_chain.js

const wrap = Tool.chain([
  { tool: "text-manipulator", parameters: { operation: "trim" } },
  { tool: "text-manipulator", parameters: { operation: "uppercase" } },
  { tool: "base64-encoder", parameters: { operation: "encode" } },
]);
console.log((await wrap.execute({ input: "  hello  " })).text);

const both = Tool.compose({
  name: "loud_and_short",
  mode: "parallel",
  steps: [
    { tool: "text-manipulator", name: "loud", parameters: { operation: "uppercase" } },
    { tool: "hash-calculator", name: "digest", parameters: { operation: "hash" } },
  ],
});
const done = await both.execute({ input: "hello" });
console.log(`${done.result.loud.result}\t${done.result.digest.hash.length}`);

// Failures stand among the results, in the place of their calls.
const sums = ["6 * 7", "1 / 0", "2 ^ 10"];
const calls = sums.map((sum) => ({ tool: "calculator", parameters: { input: sum } }));
for (const [index, result] of (await Tool.batch(calls, { maxConcurrency: 2 })).entries()) {
  console.log(`${sums[index]}\t${result.success}\t${result.text}`);
}
