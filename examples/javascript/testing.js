// Testing what uses models: cases in a table, answers from a cassette, so that nothing costs and nothing varies.
// Record it anew when prompts change: add --record-missing and, for this model, --scripted examples/scripted.yaml.
//
//   llmspell run examples/javascript/testing.js --cassette examples/cassettes/testing.jsonl

async function classify(text) {
  const agent = Agent.create({ model: "scripted/mood", temperature: 0 });
  return (await agent.execute(`Glad or sad? ${text}`)).text;
}

const cases = [
  { name: "thanks", text: "Thank you so much!", expect: "glad" },
  { name: "a loss", text: "I have lost my keys.", expect: "sad" },
  { name: "what the model gets wrong", text: "I could not be happier.", expect: "glad" },
];

let failed = 0;
for (const { name, text, expect } of cases) {
  const answer = await classify(text).catch((problem) => problem.message);
  const passed = answer === expect;
  if (!passed) failed += 1;
  console.log(passed ? `ok   ${name}` : `FAIL ${name}: got ${answer}`);
}
console.log(`${cases.length - failed} of ${cases.length} passed`);
// A real test would end with process.exit(failed === 0 ? 0 : 1).
