// Two agents with tools: the front desk hands a customer over to the accountant, who keeps the conversation.
//
//   llmspell run examples/javascript/handoff.js --scripted examples/scripted.yaml

const accountant = Agent.create({
  name: "accountant",
  description: "Answers questions about invoices and sums.",
  model: "scripted/accountant",
  allowedTools: ["calculator"],
});

const desk = Agent.create({
  name: "desk",
  model: "scripted/desk",
  systemPrompt: "You greet customers and hand them to who can help.",
  handoffs: [accountant],
});

const answer = await desk.execute("I was charged 3 times 19.90. What is that in all?");
console.log(`${answer.agent}: ${answer.text}`);
console.log(answer.path.join(" -> "));
for (const call of answer.toolCalls) {
  console.log(`called ${call.tool}`);
}
