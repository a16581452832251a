// What a script may touch: the profile and the options say it, and what is refused tells how to allow it.
//
//   llmspell run examples/javascript/permissions.js --profile high

async function attempt(tool, parameters) {
  try {
    const result = await Tool.execute(tool, parameters);
    console.log(`${tool}: ${result.error?.message ?? "allowed"}`); // writing tells of its failures
  } catch (problem) {
    console.log(`${tool}: ${problem.message}`);
  }
}

await attempt("file-operations", { operation: "read", path: "examples/data/bees.txt" });
await attempt("file-operations", { operation: "write", path: "/srv/ants.txt", input: "Ants do, too." });
await attempt("http-requester", { input: "http://127.0.0.1:9/" });
await attempt("process-executor", { executable: "date" });
