// A tool written in Python, in a file that the configuration names; scripts and models use it like any other.
//
//   llmspell run examples/javascript/python_tool.js --config examples/python-tools.toml

const reading = Tool.get("reading-time"); // llmspell: ignore unknown-tool
console.log(reading.description);

const file = await Tool.execute("file-operations", { operation: "read", path: "examples/data/honey.txt" });
const time = (await reading.execute({ text: file.result.input })).result;
console.log(`${time.words} words, ${time.seconds} seconds`);

for (const wrong of [{ text: 42 }, { text: "" }]) {
  try {
    await reading.execute(wrong);
  } catch (problem) {
    console.log(`${problem.name}: ${problem.message}`);
  }
}
