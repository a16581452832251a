// One tool: what it takes, what it gives, and how it says no.
//
//   llmspell run examples/javascript/one_tool.js

const calculator = Tool.get("calculator");
console.log(calculator.description);
for (const parameter of calculator.schema.parameters) {
  if (parameter.required) console.log(`${parameter.name}\t${parameter.type}`);
}

const sum = await calculator.execute({ input: "price * count", variables: { price: 12.5, count: 3 } });
console.log(`${sum.success}\t${sum.text}`);

// Some failures are told, because a script may want to go on,
const none = await Tool.execute("calculator", { input: "1 / 0" });
console.log(`${none.success}\t${none.error.message}`);

// others are raised: what was asked makes no sense.
try {
  await Tool.execute("calculator", { input: "1", operation: "guess" }); // llmspell: ignore LS114
} catch (problem) {
  console.log(problem.name);
}
