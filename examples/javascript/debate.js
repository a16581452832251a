// A debate: two agents answer each other for some rounds, and a third one judges all of it.
//
//   llmspell run examples/javascript/debate.js --scripted examples/scripted.yaml

const speakers = [
  Agent.create({ name: "for tabs", model: "scripted/tabs" }),
  Agent.create({ name: "for spaces", model: "scripted/spaces" }),
];
const judge = Agent.create({
  name: "judge",
  model: "scripted/judge",
  outputSchema: {
    type: "object",
    properties: { winner: { type: "string" }, reason: { type: "string" } },
    required: ["winner", "reason"],
  },
});

const said = [];
let last = "Tabs or spaces?";
for (let round = 1; round <= 2; round++) {
  for (const speaker of speakers) {
    last = (await speaker.execute(last)).text;
    said.push(`${speaker.name}, round ${round}: ${last}`);
    console.log(said.at(-1));
  }
}

const verdict = (await judge.execute(`Who was more convincing?\n${said.join("\n")}`)).data;
console.log(`${verdict.winner} wins: ${verdict.reason}`);
