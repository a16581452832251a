// What an agent remembers from one run to the next: its conversation and values of its own, in State.
// Leave out --state :memory: and run it twice: it counts on. Here the second visit is played within the first run.
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
