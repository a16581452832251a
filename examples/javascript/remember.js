// What an agent remembers from one run to the next: its conversation and values of its own, in State.
// With --state FILE they stay; run it twice. Here the second run is played within the first.
//
//   llmspell run examples/javascript/remember.js --state :memory:

async function visit(question) {
  const host = Agent.create({ name: "host", model: "echo" });
  host.loadState();
  const visits = (host.getState("visits") ?? 0) + 1;
  host.setState({ visits });
  console.log(`visit ${visits}: ${(await host.execute(question)).text}`);
  console.log(`  remembers ${host.getConversation().length} turns`);
  host.saveState();
  await host.destroy();
}

await visit("Is the kettle on?");
await visit("And where is the sugar?");
