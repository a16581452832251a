local helper = Agent.create({
  name = "helper",
  model = "echo",
  temprature = 0.2,
})

local answer = Tool.execute("calculater", { input = "1 + 1" })
print(helper.execut({ text = anwser }))
