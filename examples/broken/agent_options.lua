-- Everything here is wrong on purpose: run `llmspell lint examples/broken`.

local helper = Agent.create({
  name = "helper",
  model = "echo",
  temprature = 0.2,
  max_tokens = "many",
})

local answer = Tool.execute("calculater", { input = "1 + 1" })
local text = Tool.execute("text-manipulator", { operation = "shout", input = "hello" })

print(helper.execut({ text = anwser }))
print(math.pow(2, 8), text)
