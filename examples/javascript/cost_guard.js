// A guard of costs: a hook counts what is spent, warns, and at last answers instead of the model.
//
//   llmspell run examples/javascript/cost_guard.js --scripted examples/scripted.yaml

const LIMIT = 0.05;
let spent = 0;

Hook.register("post_llm", (context) => {
  if (!context.data.usage) return; // it was not the model that answered
  spent += context.data.usage.cost ?? 0;
  if (spent > LIMIT / 2) Event.publish("budget.low", { left: LIMIT - spent });
});

Hook.register("pre_llm", () => {
  if (spent < LIMIT) return undefined;
  return { type: "replace", data: { text: "(the money is gone; ask again tomorrow)" } };
});

const warnings = Event.subscribe("budget.low");

const oracle = Agent.create({ name: "oracle", model: "scripted/oracle" });
for (let question = 1; question <= 4; question++) {
  console.log(`${question}. ${(await oracle.execute("Tell me more.")).text}`);
}
const warning = await Event.receive(warnings, 1000);
console.log(`the first warning came with $${warning.data.left.toFixed(2)} left`);
console.log(`spent $${spent.toFixed(2)} of $${LIMIT.toFixed(2)}, in ${Agent.usage().calls} calls`);
