// Hooks that the engine brings along: figures, a cache, limits, another try.
//
//   llmspell run examples/javascript/hooks_builtin.js

const metrics = Hook.enable("metrics");
const cache = Hook.enable("caching", { ttlSeconds: 60, components: ["tool"] });
const trace = Hook.enable("tracing", { points: ["post_tool", "tool_error"] });
const costs = Hook.enable("cost_tracking", { maxCalls: 2 });
Hook.enable("rate_limit", { maxCalls: 100, perSeconds: 1 });
const retry = Hook.enable("retry", { maxAttempts: 2, delayMs: 1 });

// The second sum comes out of the cache.
for (let time = 0; time < 2; time++) {
  console.log((await Tool.execute("calculator", { operation: "evaluate", input: "6 * 7" })).text);
}
console.log(`cache hits:\t${cache.report().hits}`);

// What fails is tried twice.
try {
  await Tool.execute("json-processor", { operation: "query", input: "{", query: "." });
} catch {
  console.log("false");
}
console.log(`retries:\t${retry.report().retries}`);

// The third call of a model is one too many.
const agent = Agent.create({ name: "writer", model: "echo" });
for (let time = 0; time < 3; time++) {
  try {
    await agent.execute({ text: "hello" });
    console.log("true\t");
  } catch (problem) {
    console.log(`false\t${problem.message}`);
  }
}
console.log(`model calls:\t${costs.report().calls}`);

console.log(`sums:\t${metrics.report().tool.calculator.calls}`);
for (const entry of trace.report().entries) console.log(`${entry.point}\t${entry.name}`);
