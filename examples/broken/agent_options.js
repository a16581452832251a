// Everything here is wrong on purpose: run `llmspell lint examples/broken`.

const helper = Agent.create({
  name: "helper",
  model: "echo",
  temprature: 0.2,
  maxTokens: "many",
});

const answer = Tool.execute("calculater", { input: "1 + 1" });
const text = Tool.execute("text-manipulator", { operation: "shout", input: "hello" });

console.log(helper.execut({ text: anwser }));
console.log(Tool.execute("uuid-generator"), text);
