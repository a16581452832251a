const helper = Agent.create({
  name: "helper",
  model: "echo",
  temprature: 0.2,
});

const answer = await Tool.execute("calculater", { input: "1 + 1" });
console.log(helper.execut({ text: anwser }));
