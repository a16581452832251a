// An answer as data: it has to fit a schema, and an answer that does not is sent back once.
//
//   llmspell run examples/javascript/structured_output.js --scripted examples/scripted.yaml

const reader = Agent.create({
  name: "reader",
  model: "scripted/invoice",
  outputSchema: {
    type: "object",
    properties: {
      customer: { type: "string" },
      total: { type: "number" },
      paid: { type: "boolean" },
    },
    required: ["customer", "total", "paid"],
  },
});

const answer = await reader.execute("Read this invoice: ACME Ltd., 129.50 EUR, paid on 3 May.");
console.log(`${answer.data.customer} owes ${answer.data.paid ? 0 : answer.data.total}`);
console.log(`total ${answer.data.total}`);
