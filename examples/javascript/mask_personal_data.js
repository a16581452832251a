// Personal data stays at home: hooks take it out of what models are asked, and put it back into their answers.
//
//   llmspell run examples/javascript/mask_personal_data.js

const kept = [];

const mask = (text) =>
  text.replace(/[\w.]+@[\w.]+\w/g, (address) => `[address ${kept.push(address)}]`);

Hook.register("pre_llm", (context) => {
  const messages = context.data.messages.map((message) => ({ ...message, text: mask(message.text) }));
  console.log(`the model is asked: ${messages.at(-1).text}`);
  return { type: "modified", data: { messages } };
}, { name: "mask", priority: "highest" });

Hook.register("post_llm", (context) => {
  const text = context.data.text.replace(/\[address (\d+)\]/g, (_, number) => kept[number - 1]);
  return { type: "modified", data: { text } };
}, { name: "unmask" });

const clerk = Agent.create({ name: "clerk", model: "echo" });
const answer = await clerk.execute("Write to ada@example.org, and a copy to bob@example.org.");
console.log(`the script is told: ${answer.text}`);
console.log(`${kept.length} addresses were kept back`);
