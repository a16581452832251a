// A recorded conversation, replayed: no key, no network, no provider, the same answers each time.
// It was recorded with `--scripted examples/scripted.yaml --record`; calls of any provider are recorded alike.
//
//   llmspell run examples/javascript/replay.js --cassette examples/cassettes/replay.jsonl

const poet = Agent.create({ name: "poet", model: "scripted/poet", temperature: 0 });

console.log((await poet.execute("Name a colour. Answer with one word.")).text);
for await (const chunk of poet.stream("And an animal of that colour, in three words.")) {
  process.stdout.write(`[${chunk.text}]`);
}
console.log();
