// The model calls tools on its way to an answer: one of llmspell's own, and one written here.
//
//   llmspell run examples/javascript/tools.js --scripted examples/scripted.yaml

const prices = { apple: 0.5, pear: 0.75 };

const shopkeeper = Agent.create({
  name: "shopkeeper",
  model: "scripted/shop",
  allowedTools: ["calculator"],
  tools: [
    {
      name: "price_of",
      description: "The price of a fruit.",
      parameters: {
        type: "object",
        properties: { fruit: { type: "string" } },
        required: ["fruit"],
      },
      handler: ({ fruit }) => ({ price: prices[fruit] }),
    },
  ],
});

const answer = await shopkeeper.execute("What do six apples and two pears cost?");
for (const call of answer.toolCalls) {
  console.log(`${call.tool}\t${call.success}`);
}
console.log(answer.text);
