// Agents of the configuration are there for every script, and hand over to each other.
//
//   llmspell run examples/javascript/configured_agents.js --config examples/llmspell-example.toml --scripted examples/scripted.yaml

for (const agent of Agent.list()) {
  console.log([agent.name, agent.model, agent.description].join("\t"));
}

const answer = await Agent.get("desk").execute("The tap in my kitchen drips.");
console.log(answer.text);
console.log(answer.path.join(" -> "));
